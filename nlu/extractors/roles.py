"""What a mention is there for: not wanted (`exclude`), or the two sides of a change (`from`, `to`)."""

from __future__ import annotations

import re
from dataclasses import replace

from nlu.extractors.entity import Entity

_EXCLUDABLE = {"brand", "category", "color", "material", "attribute", "size", "product"}
_CHANGEABLE = {
    "size",
    "color",
    "quantity",
    "product",
    "brand",
    "category",
    "material",
    "address",
    "phone",
    "email",
    "date",
}

_ZH_NOT = re.compile(
    r"(?:不(?:要|想要|想买|想|需要|喜欢|爱|买|用|考虑|接受|能是|是|含|带|吃|喝|穿|希望|希望是|能要|想看)?(?:太|那么|有|是|含|用|任何|什么|很|再|买|给我|推荐)*"
    r"|(?<![特分级区差性告])别(?:要|买|是|给我|推荐?|来|再|拿|用|选|发)*(?:太|那么)?"
    r"|唔(?:要|好|想要|钟意|中意|系)|(?<!有)冇|勿|莫|除(?:了|咗)|(?<![排删扣免移消解清拆])除|除开|除去|排除|去掉|剔除|避开|避免|讨厌|拒绝|受不了|(?<![常是日并])非|反感|不含|没有?(?=香精|酒精|糖))(?:了)?\s?(?:任何|那种|这种|什么|一切)?$"
)
_EN_NOT = re.compile(
    r"(?<![a-z])(?:not|no|non|nothing|never|without|w/o|except(?: for)?|anything but|everything but|other than|(?:other|another|different) \w+ (?:than|from)|but not|apart from|aside from|excluding|exclude|"
    r"avoid(?:ing)?|hates?|minus|less|not as|not so|(?:do not|does not|don'?t|doesn'?t|didn'?t|can'?t|wouldn'?t)(?: really| actually| even)? (?:want|like|need|do|fancy|love|wear|eat|stand|buy|use|get)|"
    r"isn'?t|aren'?t|ain'?t|rather not(?: have| get| buy)?|(?:any|every|all|whatever) (?:colou?rs?|brands?|material|kind|sort|shade|size)? ?but|(?:steer|stay|keep) (?:clear of|away from)|(?:should|must|need|could)n'?t be|not keen on|don'?t (?:show|recommend|suggest|give|send|bring)(?: me)?|no need for|sick of|tired of|bored of|allergic to|not a (?:big )?fan of|not into|dislikes?|skip|no more|leave out)"
    r"(?: (?:too|very|so|that|size|sizes|colou?r|any|the|a|an|in|made|of|from|by|with|another|those|these|is|are|be|it|anything|something|really|for|to be|get|wear|stuff|brand|want))*\s?$"
)
_QUESTION_NOT = re.compile(r"(?:why not|if not|or not|whether or not|do you not|don'?t you)[^,.]*$")
_ZH_NOT_AFTER = re.compile(
    r"(?:的|色的?|码的?|这个|那个|牌子?)?\s?(?:都|我)?(?:以外|之外|除外|就算了|算了|不要了?|不行|不考虑|不喜欢|不想要|不买|唔要|(?:就|请)?(?:别|不要|不用|甭)(?:再|给我)*(?:推荐?|来|看|发|选|拿)|免谈|不好看|过敏|受不了|太?[土丑俗]|太?难看|(?:太|有点|很)(?:花|艳|老气|显脏)|[不没](?:吃|穿|戴|喝|背|爱|能[吃穿戴喝])|(?:戴着?|穿着?|用着?)?(?:太?疼|难受|不舒服)|就不要了|就不用了)(?=$|[\s,，。.!！的了吧啊哈呢])"
)
_EN_NOT_AFTER = re.compile(
    r" (?:free|excluded|aside|is out|are out|isn'?t|aren'?t|makes? me|doesn'?t suit|is not|are not|won'?t do|not please)(?![a-z])"
    r"(?! (?:too|that|necessary|needed|important|essential|required))"
)
_BESIDES_AFTER = re.compile(r"(?:的)?(?:以外|之外|除外)")
_AND = re.compile(r"\s?(?:的|色|码)?\s?(?:和|跟|与|或者?|还有|以及|、|/|and|or|nor|,|，)\s?(?:the |any |a |不要)?")

_ZH_CHANGE = re.compile(
    r"[^,，。!?！？;]{0,10}?(?:换成|改成|改为|换为|变成|换到|改到|换|改|调成|→|->)\s?(?:一个|个|一?件|一?双)?\s?(?:尺码|size)?\s?"
)
_EN_CHANGE = re.compile(
    r"(?: (?:one|ones|size|colou?r|version|pair|shirt|jacket|shoes?))?(?: (?:i ordered|in my order))? (?:to|for|into|with|→|->)(?: (?:a|an|the|size|one in|be))*\s?"
)
_EN_INSTEAD = re.compile(r"(?: (?:one|ones|version|pair))?,? (?:instead of|rather than|not)(?: (?:a|an|the|in))*\s?")
_CHANGE_VERB = re.compile(
    r"(?<![a-z])(?:chang\w*|swap\w*|switch\w*|exchang\w*|replac\w*|from|updat\w*|mak(?:e|ing)|correct\w*|edit|modify|instead)(?![a-z])"
)
_ZH_TO = re.compile(
    r"(?:换成|改成|改为|换为|变成|换到|改到|改寄到|改送到|改发到|调成)\s?(?:新的?)?(?:了|一个|个|一?件|一?双|尺码|地址|手机号?|电话|号码|是|:|：)*\s?$"
)
_EN_TO = re.compile(
    r"(?<![a-z])(?:chang\w*|swap\w*|switch\w*|exchang\w*|replac\w*|updat\w*|correct\w*|edit|modify|make|send|ship|redirect)(?![a-z])[^,.!?;]{0,50}?"
    r"(?<![a-z])(?:to|for|into|with|make (?:it|that|them|this))(?: (?:a|an|the|size|be|in|my|new|address|number|phone|email|is))*:?\s?$"
)
_EN_MAKE = re.compile(r"(?<![a-z])make (?:it|that|them|this|mine)(?: (?:a|an|the|size|in))*\s?$")
_EN_FROM = re.compile(r"(?<![a-z])(?:instead of|rather than)(?: (?:a|an|the|in|size))*\s?$")


def assign(text: str, entities: list[Entity]) -> list[Entity]:
    """The same entities, in order, with their roles."""
    return _excluded(text, _changed(text, entities))


def _changed(text: str, entities: list[Entity]) -> list[Entity]:
    out = list(entities)
    english_change = bool(_CHANGE_VERB.search(text)) or any(e.entity == "order_number" for e in entities)
    for i, entity in enumerate(out):
        if entity.entity not in _CHANGEABLE or entity.role in {"relative", "last4"}:
            continue
        before = next(
            (j for j in range(i - 1, -1, -1) if out[j].entity == entity.entity and out[j].role in {None, "from"}), None
        )
        if before is not None:
            gap = text[out[before].end : entity.start]
            if _EN_INSTEAD.fullmatch(gap) and "not" not in gap:
                out[before], out[i] = replace(out[before], role="to"), replace(entity, role="from")
                continue
            if _ZH_CHANGE.fullmatch(gap) or (english_change and _EN_CHANGE.fullmatch(gap)):
                out[before], out[i] = replace(out[before], role="from"), replace(entity, role="to")
                continue
        prefix = text[max(0, entity.start - 80) : entity.start]
        if _EN_FROM.search(prefix):
            out[i] = replace(entity, role="from")
        elif _ZH_TO.search(prefix) or (
            entity.entity not in {"product", "category"}
            and (_EN_MAKE.search(prefix) or _is_target(text, prefix, entity))
        ):
            out[i] = replace(entity, role="to")
    return out


def _is_target(text: str, prefix: str, entity: Entity) -> bool:
    match = _EN_TO.search(prefix)
    if match is None:
        return False
    return not match[0].startswith(("send", "ship", "redirect")) or (entity.entity == "address" and "instead" in text)


def _excluded(text: str, entities: list[Entity]) -> list[Entity]:
    out: list[Entity] = []
    for i, entity in enumerate(entities):
        if (
            entity.entity in _EXCLUDABLE
            and entity.role is None
            and (_is_excluded(text, entities, i) or _follows_excluded(text, out, entity))
        ):
            entity = replace(entity, role="exclude")
        out.append(entity)
    return out


def _is_excluded(text: str, entities: list[Entity], i: int) -> bool:
    entity = entities[i]
    before = text[max(0, entity.start - 40) : entity.start]
    if (match := _ZH_NOT.search(before)) and not _asks(before, text[entity.start], match):
        return True
    if _EN_NOT.search(before) and not _QUESTION_NOT.search(before):
        return True
    last = i
    while (
        last + 1 < len(entities)
        and entities[last + 1].entity == entity.entity
        and _AND.fullmatch(text[entities[last].end : entities[last + 1].start])
    ):
        last += 1
    end = entities[last].end
    if last == i and _EN_NOT_AFTER.match(text, end):
        return True
    after = _ZH_NOT_AFTER.match(text, end)
    return bool(after) and (last == i or bool(_BESIDES_AFTER.match(text, end)) or "都" in text[end : end + 3])


def _asks(before: str, following: str, match: re.Match[str]) -> bool:
    """是不是, 要不要, 防不防水: a question, no refusal."""
    start = match.start()
    if start == 0 or before[start] not in "不别没":
        return False
    after = before[start + 1] if start + 1 < len(before) else following
    return before[start - 1] == after


def _follows_excluded(text: str, out: list[Entity], entity: Entity) -> bool:
    if not out or out[-1].role != "exclude" or out[-1].entity != entity.entity:
        return False
    gap = text[out[-1].end : entity.start]
    return gap == "的" or bool(_AND.fullmatch(gap))
