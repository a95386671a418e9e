import pytest

from nlu.lexicon.reader import read_lexicon
from nlu.lexicon.term import Term
from nlu.vocabulary import Vocabulary, form_of

TERMS = [
    Term("category", "headphones", "headphones"),
    Term("category", "mugs", "mug"),
    Term("category", ("earbuds", "headphones"), "耳机"),
    Term("category", "headphones", "头戴式耳机"),
    Term("attribute", "noise_cancelling", "noise cancelling"),
    Term("brand", "auralis", "auralis"),
    Term("brand", "auralis", "澜音"),
    Term("color", "red", "red"),
    Term("attribute", "lightweight", "不重"),
]


def found(vocabulary, text):
    form = form_of(text)
    return [(e.entity, e.value, form[e.start : e.end]) for e in vocabulary.find(form, form)]


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("two mugs", [("category", "mugs", "mugs")]),
        ("smug mugger", []),
        ("I ordered it", []),
        ("Noise-Cancelling HEADPHONES", [("attribute", "noise_cancelling", "noise cancelling"), ("category", "headphones", "headphones")]),
        ("头戴式耳机", [("category", "headphones", "头戴式耳机")]),
        ("澜音耳机red", [("brand", "auralis", "澜音"), ("category", ("earbuds", "headphones"), "耳机"), ("color", "red", "red")]),
        ("頭戴式耳機", [("category", "headphones", "头戴式耳机")]),
        ("headpones", [("category", "headphones", "headpones")]),
        ("aurlais nosie canceling", [("brand", "auralis", "aurlais"), ("attribute", "noise_cancelling", "nosie canceling")]),
        ("later there", []),
        ("重不重", []),
        ("东西不重", [("attribute", "lightweight", "不重")]),
        ("", []),
    ],
)  # fmt: skip
def test_find(text, mentions):
    assert found(Vocabulary(TERMS), text) == mentions


def test_typos_are_less_certain():
    form = "headpones"
    (entity,) = Vocabulary(TERMS).find(form, form)
    assert entity.confidence == 0.8


def test_taxonomy_merges_into_new_vocabulary():
    base = Vocabulary(TERMS)
    merged = base.with_taxonomy({"colors": {"teal": {"zh": "水鸭色", "en": "teal", "words": ["duck green"]}}})
    assert found(merged, "Duck-Green mug") == [("color", "teal", "duck green"), ("category", "mugs", "mug")]
    assert found(base, "duck green") == []


@pytest.mark.parametrize(
    ("taxonomy", "message"),
    [
        ({"colours": {}}, "taxonomy section 'colours' is unknown"),
        ({"colors": ["red"]}, r"taxonomy section 'colors' must map ids to names, got \['red'\]"),
        ({"colors": {"red": "red"}}, "taxonomy entry colors.red must be a mapping with zh and en, got 'red'"),
    ],
)
def test_taxonomy_is_checked(taxonomy, message):
    with pytest.raises(ValueError, match=message):
        Vocabulary(TERMS).with_taxonomy(taxonomy)


def test_products_are_known_with_and_without_their_brand():
    shop = Vocabulary(TERMS).with_products(
        [("P1", "澜音静谧之森", "Auralis Quiet Forest"), ("P2", "澜音", "Auralis Ember Glow")]
    )
    assert found(shop, "the Auralis Quiet Forest") == [("product", "P1", "auralis quiet forest")]
    assert found(shop, "is the quiet forest waterproof") == [("product", "P1", "quiet forest")]
    assert found(shop, "静谧之森还有吗") == [("product", "P1", "静谧之森")]
    assert found(shop, "Auralis Qiuet Forset") == [("product", "P1", "auralis qiuet forset")]


@pytest.mark.parametrize(("sharing", "mentions"), [(2, [("product", "P0", "ember 2")]), (3, [])])
def test_short_names_that_many_share_stay_unknown(sharing, mentions):
    kinds = ["headphones", "mug", "red mug"]
    shop = Vocabulary(TERMS).with_products((f"P{i}", f"Auralis Ember 2 {kinds[i]}") for i in range(sharing))
    assert found(shop, "the ember 2") == mentions


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("口袋有货吗", True),
        ("买口袋", True),
        ("口袋耳机怎么样", True),
        ("澜音口袋", True),
        ("这件外套有口袋吗", False),
        ("口袋里", False),
    ],
)
def test_ordinary_words_are_products_only_where_products_are_talked_of(text, named):
    shop = Vocabulary(TERMS).with_products([("P1", "澜音 口袋 折叠耳机")])
    assert ("product" in [kind for kind, _, _ in found(shop, text)]) is named


def test_products_are_checked():
    with pytest.raises(ValueError, match=r"a product row must be \(id, name, …\), got \('P1',\)"):
        Vocabulary(TERMS).with_products([("P1",)])


def test_no_terms():
    assert found(Vocabulary([]), "headphones") == []


def test_many_names():
    shop = Vocabulary(TERMS).with_products((f"P{i}", f"Model {i} Kestrel", f"红隼{i}号") for i in range(30_000))
    assert found(shop, "model 29999 kestrel") == [("product", "P29999", "model 29999 kestrel")]


def test_builtin_lexicon():
    builtin = Vocabulary.builtin()
    assert len({t.value for t in builtin.terms if t.entity == "brand"}) >= 250
    assert found(builtin, "索尼和耐克") == [("brand", "sony", "索尼"), ("brand", "nike", "耐克")]


@pytest.mark.parametrize(
    ("thing", "kind"),
    [
        ("面包", "snacks"),
        ("鼠标", "mice"),
        ("茶叶", "tea"),
        ("手机", "phones"),
        ("帐篷", "tents"),
        ("mouse", "mice"),
        ("shoes", "footwear"),
        ("watch", "smartwatches"),
    ],
)
def test_a_thing_is_of_its_kind(thing, kind):
    assert [e.value for e in Vocabulary.builtin().find(thing, thing) if e.entity == "category"] == [kind]


@pytest.mark.parametrize(
    "other",
    [
        *("烤面包机", "鼠标垫", "茶叶罐", "手机支架", "帐篷地垫", "水杯架", "耳机支架"),
        *("mouse pad", "shoe rack", "watch straps", "phone holder", "sleeping bags", "bean bag"),
    ],
)
def test_what_is_only_named_after_a_thing_is_not_of_its_kind(other):
    assert [e for e in Vocabulary.builtin().find(other, other) if e.entity == "category"] == []


def test_every_guard_belongs_to_a_word():
    guarded = [t for source in read_lexicon() for t in source if t.guard]
    assert len(guarded) > 200
    assert all(t.guard.unless or t.guard.needs or t.guard.cased for t in guarded)
