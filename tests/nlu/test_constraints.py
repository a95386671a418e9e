import pytest

from nlu.constraints import constraints_of
from nlu.extractors.entity import Entity


def entity(kind, value, role=None):
    return Entity(kind, value, 0, 1, role=role)


@pytest.mark.parametrize(
    ("entities", "wish"),
    [
        ([], {}),
        ([entity("category", ("earbuds", "headphones"))], {"category": ["earbuds", "headphones"]}),
        ([entity("category", ("earbuds", "headphones")), entity("category", "headphones")], {"category": ["headphones"]}),
        ([entity("category", "mugs"), entity("category", "lamps")], {"category": ["lamps", "mugs"]}),
        ([entity("category", "footwear"), entity("category", "boots")], {"category": ["boots"]}),
        ([entity("category", "phones"), entity("category", "chargers")], {"category": ["chargers", "phones"]}),
        ([entity("color", "white"), entity("color", "black", "exclude")], {"color": ["white"], "exclude": {"color": ["black"]}}),
        ([entity("attribute", "spicy", "exclude")], {"exclude": {"attribute": ["spicy"]}}),
        ([entity("size", "M", "from"), entity("size", "L", "to")], {"size": ["L"]}),
        ([entity("size", "larger", "relative")], {}),
        ([entity("price", {"min": 100}), entity("price", {"max": 200, "currency": "CNY"})], {"price": {"min": 100, "max": 200, "currency": "CNY"}}),
        ([entity("quantity", 1, "from"), entity("quantity", 2, "to")], {"quantity": 2}),
        ([entity("recipient", "mother"), entity("recipient", "friend"), entity("occasion", "birthday")], {"recipient": "mother", "occasion": "birthday"}),
        ([entity("ordinal", 2), entity("order_number", "10086"), entity("product", "P0001")], {}),
    ],
)  # fmt: skip
def test_constraints(entities, wish):
    departments = {"boots": "footwear", "phones": "phones", "chargers": "phones"}
    assert constraints_of(entities, departments=departments) == wish
