"""Facts about a product, and why it was suggested. Only what the data say."""

from __future__ import annotations

import re

import numpy as np

from bot.actions import formats, stock
from bot.actions.questions import answered
from bot.actions.reference import meant, meant_or_focus
from bot.actions.shelf import card
from bot.actions.turn import Turn
from bot.actions.wish_words import reason_told
from bot.stores.catalog import Product
from nlu.language import to_simplified
from recommender.explain import Reason

NEAR = 0.84
"""Cosine from which a question is about a stated fact. Raw e5 vectors are never far apart (see `FACT_LEAD`)."""
OF_THE_PRODUCT = 0.9
"""Confidence from which a question is about the product and nothing else; an article must be as sure to answer it."""
FACT_LEAD = 0.008
"""…and by so much the best fact must lead the median fact of the product."""

_HOW = re.compile(
    r"怎么?样|咋样|如何|好不好|好用吗|好吗|行不行|值得(?:买|入手)?吗|值不值(?:得)?|介绍(?:一?下)?|讲讲|说说|了解一?下|"
    r"\b(?:what|how) about\b|\bhow(?:'s|’s| is| are)\b|\bany good\b|\bworth (?:it|buying|the money)\b|\bis (?:it|that|this) good\b|"
    r"\btell me (?:a bit )?(?:more )?about\b|\bmore about\b|\bwhat do you think (?:of|about)\b|\bwhat(?:'s|’s| is) .{1,30} like\b",
    re.I,
)
_POINTING = re.compile(
    r"第[一二三四五六七八九十\d]+|最后|[上前]一?[批组]|刚才|之前|前面|[那这哪]?[个款双件台只条把张]|[那这它的呢啊呀吧吗嘛你您觉得想帮我看给请再也是它们]|"
    r"\b(?:the|first|second|third|fourth|last|1st|2nd|3rd|one|ones|this|that|it|is|and|so|ok|okay|please|me|you|can|could|of|good|then|from|earlier|previous|list|before)\b|[\s\W_]",
    re.I,
)
RATING = re.compile(r"评价|评分|口碑|好评|\breviews?\b|\brat(?:ed|ing)s?\b", re.I)
PRICE = re.compile(
    r"多少钱|价格|价钱|怎么卖|什么价|\bhow much(?! (?:does|do|can|will) (?:it|they|this|that|these) (?!cost))(?! (?:weight|water|space|power|memory|storage))\b|\bprice\b|\bcosts?\b",
    re.I,
)
TOPICS = tuple(
    re.compile(words, re.I)
    for words in (
        r"续航|能用(?:多久|几)|待机|几个?小时|\bbattery life|\bplay ?time|how long does (?:it|the battery|a charge)|\blast",
        r"换电池|电池.*换|replac\w+ batter|batter\w+.*replac",
        r"充电|快充|\bcharg",
        r"多重|重量|几斤|多少克|\bweigh|\bheavy|\bweight",
        r"防水|防尘|防泼|\bwater|\bIP ?[X\d]\d",
        r"质保|保修|\bwarrant|\bguarantee",
        r"多大|尺寸|多高|多长|多宽|\bdimension|\bhow (?:big|large|tall|long|wide)|\bmeasur",
        r"材质|面料|什么(?:材料|做的)|\bmaterial|\bmade (?:of|from)|\bfabric",
        r"产地|哪里(?:产|做)|\borigin|\bmade in|where .*made",
        r"怎么洗|洗涤|机洗|清洗|保养|\bwash|\bclean|\bcare\b",
        r"包装|配件|送什么|里面有|\bin the box|\bincluded|\bcome with|\bcontents",
        r"兼容|适配|适用|支持(?:什么|哪|苹果|安卓)|能连|\bcompatib|\bwork with|\bfit ",
        r"容量|多少(?:毫升|升|ml)|\bcapacity|\bhow much .*hold|\bvolume",
        r"成分|配料|过敏|\bingredient|\ballerg|\bcontain",
        r"保质期|过期|新鲜|\bshelf life|\bexpir|\bbest before|\bfresh",
        r"几岁|适合.*岁|年龄|\bage\b|\bages\b|how old",
        r"连接|蓝牙|接口|\bconnect|\bport",
        r"尺码|偏大|偏小|版型|\bsizing|\bfit\b|true to size|\brun (?:big|small|large)",
    )
)
"""What customers ask about, in both languages: the same pattern finds the question and the label that answers it."""


def product_details(turn: Turn) -> None:
    """The one fact that was asked, else the product in three lines. Says so when the data do not tell."""
    product = meant_or_focus(turn)
    if product is None:
        turn.say("which_product")
        return
    turn.set(focus=product.product_id)
    turn.shop.feedback.interacted(turn.owner, product.product_id, "view")
    language, name = turn.language, product.name(turn.language)
    buttons = [
        turn.button("有货吗", "Is it in stock?"),
        turn.button("加入购物车", "Add to cart", f'/add_to_cart{{"product_id": "{product.product_id}"}}'),
        turn.button("有类似的吗", "Anything similar?"),
    ]
    asked = to_simplified(turn.text)
    if turn.text.startswith("/"):  # a tap on "details"
        facts = [f"{label}: {value}" for label, value in product.specs(language)[:4]]
        turn.say(
            "details",
            cards=[card(turn, product)],
            buttons=buttons,
            name=name,
            description=product.description(language),
            facts=turn.pick("；", "; ").join(facts),
        )
        return
    if turn.entities("color") or turn.entities("size"):
        stock.check_stock(turn)
        return
    if PRICE.search(asked):
        rate = None if turn.zh else turn.shop.policies.shop.second_rate
        turn.say("price", buttons=buttons, name=name, price=formats.money(product.price, turn.language, rate=rate))
        return
    if RATING.search(asked) and product.rating:
        turn.say("rating", buttons=buttons, name=name, rating=f"{product.rating:g}", reviews=product.reviews)
        return
    if _in_general(asked, product):
        turn.say(
            "product_opinion",
            cards=[card(turn, product)],
            buttons=buttons,
            name=name,
            description=product.description(language),
            facts=_in_short(turn, product),
        )
        return
    attribute = _asked_attribute(turn, product)
    if attribute:
        turn.say(attribute[0], buttons=buttons, name=name, attribute=attribute[1])
        return
    fact = _asked_fact(turn, product)
    certain = float((turn.call.message.get("intent") or {}).get("confidence", 1.0)) >= OF_THE_PRODUCT
    if fact is None and not certain and answered(turn, sure=OF_THE_PRODUCT):  # "can you wrap it": a rule of the shop
        return
    if fact is None:
        turn.set(pending={"action": "action_handoff", "slots": {}})
        turn.say("fact_unknown", buttons=buttons, name=name, description=product.description(language))
        return
    turn.say("fact", buttons=buttons, name=name, label=fact[0], value=fact[1])


def show_product(turn: Turn) -> None:
    """ "The second one": the product alone, and what can be done with it."""
    product = turn.shop.catalog.get(turn.slot("focus") or "")
    if product is None:
        turn.say("which_product")
        return
    turn.shop.feedback.interacted(turn.owner, product.product_id, "view")
    turn.say(
        "show_product",
        cards=[card(turn, product)],
        name=product.name(turn.language),
        description=product.description(turn.language),
        buttons=[
            turn.button("有货吗", "Is it in stock?"),
            turn.button("有类似的吗", "Anything similar?"),
            turn.button("配什么好", "What goes with it?"),
        ],
    )


def why_recommended(turn: Turn) -> None:
    """The true reason codes of the last list, product by product."""
    why = (turn.slot("search") or {}).get("why") or {}
    catalog = turn.shop.catalog
    asked = [p.product_id for p in meant(turn)] or list(turn.slot("shown") or ())
    names = {p.product_id: p.name(turn.language) for p in catalog.products.values()}
    lines = []
    for product_id in asked:
        reasons = [reason_told(turn, Reason(code, value), names) for code, value in why.get(product_id, ())]
        reasons = [r for r in dict.fromkeys(reasons) if r]
        if product_id in names and reasons:
            lines.append(f"• {names[product_id]}{turn.pick('：', ': ')}{turn.pick('，', ', ').join(reasons[:4])}")
    if not lines:
        turn.say("why_nothing")
        return
    turn.say(
        "why",
        lines="\n".join(lines),
        buttons=[turn.button("换个牌子", "Another brand"), turn.button("便宜点的", "Cheaper ones")],
    )


def _in_general(text: str, product: Product) -> bool:
    """Nothing but "how is it": what is left without the question and the words that point at the product says no more."""
    if not _HOW.search(text):
        return False
    for name in (product.name("zh"), product.name("en")):
        text = re.sub(re.escape(name), " ", text, flags=re.I)
    return len(_POINTING.sub("", _HOW.sub("", text))) <= 1


def _in_short(turn: Turn, product: Product) -> str:
    """Price, rating and the first facts in one line."""
    told = [formats.money(product.price, turn.language)]
    if product.rating and product.reviews:
        rating = f"{product.rating:g}"
        told.append(
            turn.pick(f"评分 {rating}（{product.reviews} 条评价）", f"rated {rating} by {product.reviews} customers")
        )
    told += [f"{label}{turn.pick('：', ': ')}{value}" for label, value in product.specs(turn.language)[:2]]
    return turn.pick("；", "; ").join(told)


def _asked_attribute(turn: Turn, product: Product) -> tuple[str, str] | None:
    """A yes or a careful no, when the question names a feature we keep for every product."""
    for one in named_attributes(turn):
        name = turn.shop.label("attributes", one, turn.language)
        if one in product.attributes:
            return "has_attribute", name
        if not _asked_fact(turn, product):
            return "no_attribute", name
    return None


def named_attributes(turn: Turn) -> list[str]:
    """The features that the message names."""
    return [v for value in turn.entities("attribute") for v in (value if isinstance(value, list) else [value])]


def _asked_fact(turn: Turn, product: Product) -> tuple[str, str] | None:
    """By topic where the words tell it, else the fact whose meaning is nearest, if it stands out."""
    facts = product.specs(turn.language)
    if not facts:
        return None
    for topic in TOPICS:
        if topic.search(to_simplified(turn.text)):
            return next((fact for fact in facts if topic.search(fact[0])), None)
    asked = turn.shop.encode(turn.text)
    nearness = np.array([float(asked @ turn.shop.encode(f"{label}: {value}")) for label, value in facts])
    best = int(nearness.argmax())
    if nearness[best] < NEAR or nearness[best] - float(np.median(nearness)) < FACT_LEAD:
        return None
    return facts[best]


ACTIONS = {
    "action_product_details": product_details,
    "action_show_product": show_product,
    "action_why_recommended": why_recommended,
}
