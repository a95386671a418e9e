import itertools
import time
from datetime import date
from pathlib import Path

import pytest
import yaml

from nlu.entities import Entity, Extractor
from nlu.vocabulary import Vocabulary

TODAY = date(2026, 11, 18)  # a Wednesday
TAXONOMY = Path(__file__).parents[2] / "bot/demo/taxonomy.yml"


@pytest.fixture(scope="module")
def extractor():
    taxonomy = yaml.safe_load(TAXONOMY.read_text("utf-8"))
    shop = Vocabulary.builtin().with_taxonomy(taxonomy)
    return Extractor(shop.with_products([("P0001", "澜音静谧2代", "Auralis Quiet 2")]))


def said(extractor, text, language=None):
    """Each entity as kind=value[words]/role, the words cut from the original text."""
    entities = extractor.extract(text, language=language, today=TODAY)
    return [
        f"{e.entity}={_shown(e.value)}[{text[e.start : e.end]}]" + (f"/{e.role}" if e.role else "") for e in entities
    ]


def _shown(value):
    if isinstance(value, dict):
        return ",".join(f"{k}:{v}" for k, v in value.items())
    return "+".join(value) if isinstance(value, tuple) else str(value)


CASES = {
    # products, kinds, brands
    "三百以内的降噪耳机有吗": "price=max:300,currency:CNY[三百以内] attribute=noise_cancelling[降噪] category=earbuds+headphones[耳机]",
    "noise-cancelling headphones under $50": "attribute=noise_cancelling[noise-cancelling] category=headphones[headphones] price=max:50,currency:USD[under $50]",
    "Auralis Quiet 2有货吗": "product=P0001[Auralis Quiet 2]",
    "静谧2代好吗": "product=P0001[静谧2代]",
    "SONY和索尼": "brand=sony[SONY] brand=sony[索尼]",
    "索尼WH-1000XM5": "brand=sony[索尼] product=wh-1000xm5[WH-1000XM5]",
    "有iPhone 15 Pro Max的手机壳吗": "product=iphone 15 pro max[iPhone 15 Pro Max] category=phone_cases[手机壳]",
    "小米手机": "brand=xiaomi[小米] category=phones[手机]",
    "吃小米粥": "",
    "an apple pie": "",
    "苹果味的零食": "category=snacks[零食]",
    "is there a gap": "",
    "a jacket by Gap please": "category=jackets[jacket] brand=gap[Gap]",
    "铸铁不粘锅": "material=cast_iron[铸铁] attribute=non_stick[不粘] category=pans[锅]",
    "陶瓷杯": "material=ceramic[陶瓷] category=mugs[杯]",
    "游戏本": "attribute=for_gaming[游戏] category=laptops[本]",
    "这单包邮吗": "",
    "去火锅店": "",
    "猫粮有没有无谷的": "category=cat_supplies[猫粮] attribute=grain_free[无谷]",
    "something for the gym, waterproof": "attribute=for_gym[for the gym] attribute=waterproof[waterproof]",
    "ship it to my office": "",
    "通勤用的双肩包": "attribute=for_commuting[通勤] category=backpacks[双肩包]",
    "burgundy handbag": "color=red[burgundy] category=handbags[handbag]",
    "墨绿、深蓝": "color=green[墨绿] color=navy[深蓝]",
    "颜色改灰": "color=gray[灰]",
    "I am a gold member": "",
    "a down jacket": "material=down[down] category=jackets[jacket]",
    "please calm down": "",
    "nosie canceling headphons": "attribute=noise_cancelling[nosie canceling] category=headphones[headphons]",
    "blutooth keybord": "attribute=bluetooth[blutooth] category=keyboards[keybord]",
    "quite late, see you there later": "",
    "降燥的蓝芽耳机": "attribute=noise_cancelling[降燥] attribute=bluetooth[蓝芽] category=earbuds+headphones[耳机]",
    "想買一雙黑色的運動鞋，預算五百": "color=black[黑色] category=running_shoes+sneakers[運動鞋] price=max:500,currency:CNY[預算五百]",
    "ＮＩＫＥ\u200b 跑鞋": "brand=nike[ＮＩＫＥ] category=running_shoes[跑鞋]",
    "联想笔记本": "brand=lenovo[联想] category=laptops[笔记本]",
    "写日记的笔记本": "category=notebooks[笔记本]",
    "笔记本": "category=laptops+notebooks[笔记本]",
    "a thermal mug": "attribute=insulated[thermal] category=mugs[mug]",
    "looking for gaming shoes for my long runs": "attribute=for_gaming[gaming] category=footwear[shoes] attribute=for_running[for my long runs]",
    "想找 light 一点的 tent": "attribute=lightweight[light] category=tents[tent]",
    "马丁靴 38": "category=boots[马丁靴] size=38[38]",
    "women's shoes, L": "attribute=for_women[women's] category=footwear[shoes] size=L[L]",
    "phone 07700900999": "phone=07700900999[07700900999]",
    # people and days they are for
    "给女朋友买生日礼物，预算五百左右": "recipient=girlfriend[女朋友] occasion=birthday[生日] price=about:500,currency:CNY[五百左右]",
    "a gift for my boyfriend's birthday": "recipient=boyfriend[my boyfriend] occasion=birthday[birthday]",
    "母亲节送妈妈": "occasion=mothers_day[母亲节] recipient=mother[妈妈]",
    "for my cat": "recipient=cat[my cat]",
    "dog food": "category=dog_supplies[dog food]",
    "老板在吗": "",
    "boots for women": "category=boots[boots] attribute=for_women[for women]",
    # exclusions
    "not Sony or Bose, something in navy": "brand=sony[Sony]/exclude brand=bose[Bose]/exclude color=navy[navy]",
    "不要黑色": "color=black[黑色]/exclude",
    "anything but leather": "material=leather[leather]/exclude",
    "除了粉色以外的口红": "color=pink[粉色]/exclude category=lipsticks[口红]",
    "any other brand than Sony": "brand=sony[Sony]/exclude",
    "leather-free": "material=leather[leather]/exclude",
    "有冇黑色": "color=black[黑色]",
    "唔要黑色": "color=black[黑色]/exclude",
    "除了索尼和苹果以外": "brand=sony[索尼]/exclude brand=apple[苹果]/exclude",
    "索尼就算了": "brand=sony[索尼]/exclude",
    "less spicy": "attribute=spicy[spicy]/exclude",
    "not too spicy": "attribute=spicy[spicy]/exclude",
    "不太辣的": "attribute=spicy[辣]/exclude",
    "not black but white": "color=black[black]/exclude color=white[white]",
    "不要黑色要白色": "color=black[黑色]/exclude color=white[白色]",
    "I don't like pink": "color=pink[pink]/exclude",
    "别推荐小米了": "brand=xiaomi[小米]/exclude",
    "有没有黑色的": "color=black[黑色]",
    "是不是蓝牙的": "attribute=bluetooth[蓝牙]",
    "防不防水": "attribute=waterproof[防水]",
    "要不要黑色": "color=black[黑色]",
    "no, the black one": "color=black[black]",
    # changes
    "M改L": "size=M[M]/from size=L[L]/to",
    "想把M码换成L码": "size=M[M]/from size=L[L]/to",
    "from medium to large": "size=M[medium]/from size=L[large]/to",
    "黑色换成白色": "color=black[黑色]/from color=white[白色]/to",
    "把白色的换成黑色的": "color=white[白色]/from color=black[黑色]/to",
    "change my order from the blue to the red one": "color=blue[blue]/from color=red[red]/to",
    "white instead of black": "color=white[white]/to color=black[black]/from",
    "订单里的颜色想换成白色": "color=white[白色]/to",
    "swap it for a size L": "size=L[L]/to",
    "make that two instead of one": "quantity=2[two]/to quantity=1[one]/from",
    "white to black": "color=white[white] color=black[black]",
    # sizes
    "蓝色L码还有货吗": "color=blue[蓝色] size=L[L]",
    "do you have it in size M?": "size=M[M]",
    "is it in stock in S": "size=S[S]",
    "XXL or 3xl": "size=XXL[XXL] size=3XL[3xl]",
    "I'm Sam, it's me": "",
    "what sizes are there": "",
    "42码": "size=42[42]",
    "EU 42, US 9, UK 8": "size=42[EU 42] size=US 9[US 9] size=UK 8[UK 8]",
    "从36码换成37码": "size=36[36]/from size=37[37]/to",
    "15.6寸": "size=15.6in[15.6寸]",
    "13 inch": "size=13in[13 inch]",
    "500ml或1.5升": "size=500ml[500ml] size=1.5L[1.5升]",
    "16G内存": "size=16GB[16G]",
    "queen size": "size=queen[queen size]",
    "大了，想换小一码": "size=smaller[小一码]/relative",
    "one size up please": "size=larger[one size up]/relative",
    "均码": "size=one size[均码]",
    "平时穿42": "size=42[42]",
    "2万毫安充电宝": "size=20000mAh[2万毫安] category=power_banks[充电宝]",
    "128G以上": "size=128GB[128G]",
    "1.8米的床单": "size=1.8m[1.8米] category=bedding[床单]",
    "1000片的拼图": "size=1000pcs[1000片] category=puzzles[拼图]",
    "a tent for four people": "category=tents[tent] size=4-person[four people]",
    "能放下14寸笔记本的双肩包": "category=backpacks[双肩包]",
    # quantities
    "两件": "quantity=2[两件]",
    "我要三双袜子": "quantity=3[三双]",
    "第二个来两件": "ordinal=2[第二个] quantity=2[两件]",
    "two pairs please": "quantity=2[two pairs]",
    "a couple of mugs": "quantity=2[a couple] category=mugs[mugs]",
    "add two of the second one": "quantity=2[two] ordinal=2[the second one]",
    "two mugs": "quantity=2[two] category=mugs[mugs]",
    "x2": "quantity=2[x2]",
    "买2": "quantity=2[2]",
    "一打笔": "quantity=12[一打] category=pens[笔]",
    "想买一双鞋": "category=footwear[鞋]",
    "这两个哪个好": "",
    "四件套": "category=bedding[四件套]",
    "two kids": "attribute=for_kids[kids]",
    "用了三个月": "",
    "我俩": "",
    "5岁男孩": "attribute=for_men[男孩]",
    # ordinals
    "第一个和第三个哪个好": "ordinal=1[第一个] ordinal=3[第三个]",
    "第一、三个": "ordinal=1[第一] ordinal=3[三个]",
    "最后一个": "ordinal=-1[最后一个]",
    "倒数第二": "ordinal=-2[倒数第二]",
    "第1款": "ordinal=1[第1款]",
    "第一次来，第二天到": "",
    "the first or the third?": "ordinal=1[the first] ordinal=3[the third]",
    "the last one": "ordinal=-1[the last one]",
    "2nd": "ordinal=2[2nd]",
    "second": "ordinal=2[second]",
    "second hand, first of all, last week's": "date=2026-W46[last week]",
    "option 3 or #4": "ordinal=3[option 3] ordinal=4[#4]",
    "no one answered": "",
    # dates
    "明天能到吗": "date=2026-11-19[明天]",
    "大后天": "date=2026-11-21[大后天]",
    "下周三": "date=2026-11-25[下周三]",
    "上周五": "date=2026-11-13[上周五]",
    "3天前下单": "date=2026-11-15[3天前]",
    "上个月5号": "date=2026-10-05[上个月5号]",
    "12月25号": "date=2026-12-25[12月25号]",
    "1月3日": "date=2027-01-03[1月3日]",
    "2026年2月30日": "",
    "两周后": "date=2026-12-02[两周后]",
    "双十一买的": "date=2026-11-11[双十一]",
    "next Friday": "date=2026-11-27[next Friday]",
    "on friday": "date=2026-11-20[friday]",
    "you received it on friday": "date=2026-11-13[friday]",
    "12 May 2027": "date=2027-05-12[12 May 2027]",
    "December 3rd": "date=2026-12-03[December 3rd]",
    "2026-11-20": "date=2026-11-20[2026-11-20]",
    "the day after tomorrow": "date=2026-11-20[the day after tomorrow]",
    "3 days ago": "date=2026-11-15[3 days ago]",
    "you may keep 3": "",
    "it broke after two months": "",
    # contacts and codes
    "48210": "order_number=48210[48210]",
    "0417": "order_number=0417[0417]",
    "where is order #10023": "order_number=10023[10023]",
    "取消10086": "order_number=10086[10086]",
    "运单号SF1234567890": "order_number=SF1234567890[SF1234567890]",
    "订单A20261120-003": "order_number=A20261120-003[A20261120-003]",
    "尾号6688": "phone=6688[6688]/last4",
    "尾号7788那单开票": "phone=7788[7788]/last4",
    "last four digits are 9021": "phone=9021[9021]/last4",
    "我的手机号是13800138000": "phone=13800138000[13800138000]",
    "13800138000": "phone=13800138000[13800138000]",
    "+44 7700 900123": "phone=+447700900123[+44 7700 900123]",
    "邮箱是Lin@Example.com": "email=lin@example.com[Lin@Example.com]",
    "a mouse with 20000 dpi": "category=mice[mouse] order_number=20000[20000]",
    # addresses
    "收货地址改成北京市朝阳区建国路88号3单元501": "address=北京市朝阳区建国路88号3单元501[北京市朝阳区建国路88号3单元501]/to",
    "寄到上海市浦东新区世纪大道100号": "address=上海市浦东新区世纪大道100号[上海市浦东新区世纪大道100号]",
    "12 Baker Street, London NW1 6XE": "address=12 Baker Street, London NW1 6XE[12 Baker Street, London NW1 6XE]",
    "发到成都几天到": "address=成都[成都]",
    "how fast can you deliver to Leeds?": "address=Leeds[Leeds]",
    "ship it to me": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_extract(extractor, text, expected):
    assert " ".join(said(extractor, text)) == expected


def test_bare_range_takes_the_language_of_the_talk(extractor):
    assert said(extractor, "500-800") == ["price=min:500,max:800[500-800]"]
    assert said(extractor, "500-800", language="zh") == ["price=min:500,max:800,currency:CNY[500-800]"]


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\ud83d", "😀", "<s>", "。" * 50, "9" * 5000, "第" * 3000, "a" * 5000, "1-" * 2000]
)
def test_odd_texts_are_safe_and_fast(extractor, text):
    started = time.perf_counter()
    entities = extractor.extract(text, today=TODAY)
    assert time.perf_counter() - started < 1
    assert all(0 <= e.start < e.end <= len(text) for e in entities)


def test_entities_come_in_order_and_do_not_overlap(extractor):
    text = "给妈妈买两件黑色L码的羊毛外套，三百到五百，不要Nike，明天能到北京吗，电话13800138000"
    entities = extractor.extract(text, today=TODAY)
    assert len(entities) == 11
    assert all(a.end <= b.start for a, b in itertools.pairwise(entities))


def test_as_dict():
    entity = Entity("category", ("earbuds", "headphones"), 1, 3, extractor="vocabulary")
    assert entity.as_dict() == {
        "entity": "category", "value": ["earbuds", "headphones"], "start": 1, "end": 3, "confidence_entity": 1.0, "extractor": "vocabulary",
    }  # fmt: skip
    assert Entity("size", "L", 0, 1, role="to").as_dict()["role"] == "to"
