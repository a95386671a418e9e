import pytest

from nlu.extractors import money
from nlu.numbers import find, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百五", 350),
        ("三百零五", 305),
        ("两千", 2000),
        ("一千二", 1200),
        ("1万2", 12000),
        ("2百5", 250),
        ("1.5万", 15000),
        ("三万两千五", 32500),
        ("两万五", 25000),
        ("一百一", 110),
        ("壹佰", 100),
        ("十二", 12),
        ("二十", 20),
        ("一千零一十", 1010),
        ("二零二六", 2026),
        ("俩", 2),
        ("半", 0.5),
        ("百", 100),
        ("1,299", 1299),
        ("12.50", 12.5),
        ("1.5k", 1500),
        ("twenty-five", 25),
        ("a hundred and fifty", 150),
        ("two thousand five hundred", 2500),
        ("twenty five hundred", 2500),
        ("a couple", 2),
        ("dozen", 12),
        ("half a dozen", 6),
        ("五六百", None),
        ("hello", None),
        ("12 34", None),
    ],
)
def test_parse(text, value):
    assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("五六百", (500, 600)),
        ("七八十", (70, 80)),
        ("十五六", (15, 16)),
        ("两三千", (2000, 3000)),
        ("一千五六", (1500, 1600)),
        ("一百二三十", (120, 130)),
        ("百八十", (80, 100)),
        ("几百", (100, 999)),
        ("几十", (10, 99)),
        ("三四", (3, 4)),
    ],
)
def test_ranges(text, bounds):
    (number,) = find(text)
    assert (number.low, number.high) == bounds


@pytest.mark.parametrize("text", ["xm5", "p30", "rtx4090", "someone", "often", "weighty"])
def test_no_numbers_inside_words(text):
    assert find(text) == []


CNY, USD = {"currency": "CNY"}, {"currency": "USD"}


@pytest.mark.parametrize(
    ("text", "said", "price"),
    [
        ("三百以内的降噪耳机有吗", "三百以内", {"max": 300} | CNY),
        ("预算五百", "预算五百", {"max": 500} | CNY),
        ("预算大概四五百", "大概四五百", {"min": 400, "max": 500} | CNY),
        ("预算降到两百", "预算降到两百", {"max": 200} | CNY),
        ("nothing above 25", "nothing above 25", {"max": 25}),
        ("around 150 would be better", "around 150", {"about": 150}),
        ("两千多怎么还是青铜", "两千多", {"min": 2000, "max": 2999} | CNY),
        ("预算500左右", "500左右", {"about": 500} | CNY),
        ("不超过三百", "不超过三百", {"max": 300} | CNY),
        ("不到一百块", "不到一百块", {"max": 100} | CNY),
        ("500块以下", "500块以下", {"max": 500} | CNY),
        ("1.5k以内", "1.5k以内", {"max": 1500} | CNY),
        ("一千以上", "一千以上", {"min": 1000} | CNY),
        ("至少两百块", "至少两百块", {"min": 200} | CNY),
        ("一千出头", "一千出头", {"about": 1000} | CNY),
        ("两百来块", "两百来块", {"about": 200} | CNY),
        ("200左右", "200左右", {"about": 200} | CNY),
        ("198 的那款", "198", {"about": 198} | CNY),
        ("千把块", "千把块", {"about": 1000} | CNY),
        ("百元左右", "百元左右", {"about": 100} | CNY),
        ("五百多", "五百多", {"min": 500, "max": 599} | CNY),
        ("3000多", "3000多", {"min": 3000, "max": 3999} | CNY),
        ("五六百", "五六百", {"min": 500, "max": 600} | CNY),
        ("500-800", "500-800", {"min": 500, "max": 800}),
        ("一百五到两百", "一百五到两百", {"min": 150, "max": 200} | CNY),
        ("2-3百", "2-3百", {"min": 200, "max": 300} | CNY),
        ("三到五百块", "三到五百块", {"min": 300, "max": 500} | CNY),
        ("三百到四百之间", "三百到四百之间", {"min": 300, "max": 400} | CNY),
        ("几百块", "几百块", {"min": 100, "max": 999} | CNY),
        ("三块五", "三块五", {"about": 3.5} | CNY),
        ("十九块九", "十九块九", {"about": 19.9} | CNY),
        ("五毛", "五毛", {"about": 0.5} | CNY),
        ("¥199", "¥199", {"about": 199} | CNY),
        ("300刀以内", "300刀以内", {"max": 300} | USD),
        ("under $50", "under $50", {"max": 50} | USD),
        ("under about 50", "under about 50", {"max": 50}),
        ("my budget is $200", "my budget is $200", {"max": 200} | USD),
        ("no more than 40", "no more than 40", {"max": 40}),
        ("50 or less", "50 or less", {"max": 50}),
        ("£30 max", "£30 max", {"max": 30, "currency": "GBP"}),
        ("over $100", "over $100", {"min": 100} | USD),
        ("at least 50 euros", "at least 50 euros", {"min": 50, "currency": "EUR"}),
        ("around $30", "around $30", {"about": 30} | USD),
        ("200ish", "200ish", {"about": 200}),
        ("the 198 one", "198", {"about": 198}),
        ("for 20 quid", "20 quid", {"about": 20, "currency": "GBP"}),
        ("$1.5k", "$1.5k", {"about": 1500} | USD),
        ("hk$300", "hk$300", {"about": 300, "currency": "HKD"}),
        ("less than 1,299", "less than 1,299", {"max": 1299}),
        ("between 20 and 40 dollars", "between 20 and 40 dollars", {"min": 20, "max": 40} | USD),
        ("from $20 to $40", "from $20 to $40", {"min": 20, "max": 40} | USD),
        ("$40 to $60", "$40 to $60", {"min": 40, "max": 60} | USD),
        ("one or two hundred bucks", "one or two hundred bucks", {"min": 100, "max": 200} | USD),
    ],
)
def test_money(text, said, price):
    chinese = any("\u4e00" <= c <= "\u9fff" for c in text)
    (entity,) = money.extract(text, find(text), chinese=chinese)
    assert (text[entity.start : entity.end], entity.value) == (said, price)


@pytest.mark.parametrize(
    "text",
    [
        "ten quid cheaper", "便宜50", "便宜五十块", "降了三百", "10 dollars off", "满三百能减吗", "每件降10块", "5折", "3-5天",
        "within 3 days", "two pairs", "42码", "39-42码", "order 10023", "2026-11-20", "七天无理由", "more than 2 people", "15.6寸", "一点点",
    ],
)  # fmt: skip
def test_no_money(text):
    assert money.extract(text, find(text), chinese=True) == []
