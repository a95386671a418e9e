"""A shop's data come in whole or not at all, and each bad row is named."""

import json

import pytest
from sqlalchemy import select

from bot.importing import ImportFailedError, ShopImport
from bot.stores.catalog import Catalog
from bot.stores.database import open_database
from bot.stores.orders import Orders
from bot.stores.schema import interactions
from recommender.inventory.ledger import Ledger

PRODUCTS = """product_id,category,brand,name_zh,name_en,price,colors,specs_zh,specs_en,goes_with
P1,mugs,glowhaus,白杯,White mug,39.9,white|blue,容量: 300 ml | 材质：陶瓷,Holds: 300 ml | Material: ceramic,P2
P2,tea,cloudleaf,红茶,Black tea,58,,,,
"""
STOCK = """sku,product_id,color,size,on_hand,safety_stock,inbound_quantity,inbound_date
P1-white,P1,white,,5,1,,
P1-blue,P1,blue,,0,0,20,2026-12-01
"""
ORDER = {
    "order_number": "10001",
    "customer_id": "C1",
    "status": "paid",
    "placed_at": "2026-11-20T10:00:00+08:00",
    "goods_total": 39.9,
    "total": 49.9,
    "items": [{"sku": "P1-white", "product_id": "P1", "quantity": 1, "unit_price": 39.9}],
}


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'shop.db'}")
    yield engine
    engine.dispose()


def run(tmp_path, engine, **files):
    job = ShopImport()
    for kind, text in files.items():
        path = tmp_path / f"{kind}.{'jsonl' if text.startswith('{') else 'csv'}"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        job.add(kind, path)
    return job.write(engine, Ledger(engine))


def test_a_shop_comes_in(tmp_path, engine):
    assert run(tmp_path, engine, products=PRODUCTS, stock=STOCK) == {"products": 2, "stock": 2}
    catalog = Catalog.load(engine)
    mug = catalog.get("P1")
    assert mug is not None
    assert mug.specs_zh == (("容量", "300 ml"), ("材质", "陶瓷"))
    assert mug.skus == ("P1-white", "P1-blue")
    assert mug.image == "/shop/images/P1.svg"
    assert catalog.get("P2").skus == ("P2",)
    assert Ledger(engine).available_map() == {"P1-white": 4, "P1-blue": 0}


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("products", PRODUCTS.replace("39.9", "cheap"), "products.csv:2: price is 'cheap'"),
        ("products", PRODUCTS.replace("58", "-1"), "products.csv:3: price is '-1'"),
        (
            "products",
            PRODUCTS.replace("P2,tea", "P1,tea"),
            "products.csv:3: product_id is 'P1', which stands in line 2",
        ),
        ("products", PRODUCTS.replace(",P2\n", ",P9\n"), "goes_with names unknown products ['P9']"),
        ("products", PRODUCTS.replace("容量: 300 ml", "300 ml"), "is no `label: value` pair"),
        ("products", PRODUCTS + "P3,tea,x,y,z,1,,,,,,extra,columns\n", "more columns than the header"),
        ("stock", STOCK.replace("P1-white,P1", "P9-white,P9"), "unknown products ['P9']"),
        ("stock", STOCK.replace(",5,1", ",5.5,1"), "on_hand is '5.5'"),
        ("orders", json.dumps(ORDER | {"status": "lost"}), "orders.jsonl:1: status is 'lost'"),
        ("orders", json.dumps(ORDER | {"items": []}), "items is []"),
        ("orders", "{broken", "cannot be read"),
    ],
)
def test_a_bad_row_is_named_and_nothing_comes_in(tmp_path, engine, kind, text, said):
    files = {"products": PRODUCTS, "stock": STOCK} | {kind: text}
    with pytest.raises(ImportFailedError) as caught:
        run(tmp_path, engine, **files)
    assert said in str(caught.value)
    assert len(Catalog.load(engine)) == 0
    assert Ledger(engine).available_map() == {}


def test_all_bad_rows_are_told_at_once(tmp_path, engine):
    with pytest.raises(ImportFailedError) as caught:
        run(tmp_path, engine, products=PRODUCTS.replace("39.9", "x").replace("58", "y"))
    assert len(caught.value.problems) == 2


def test_orders_come_again_without_touching_the_others(tmp_path, engine):
    first = json.dumps(ORDER) + "\n" + json.dumps(ORDER | {"order_number": "10002"})
    run(tmp_path, engine, products=PRODUCTS, stock=STOCK, orders=first)
    run(tmp_path, engine, orders=json.dumps(ORDER | {"status": "dispatched"}))
    orders = Orders(engine)
    assert [orders.get(n).status for n in ("10001", "10002")] == ["dispatched", "paid"]
    assert len(orders.get("10001").lines) == 1


def test_interactions_are_not_counted_twice(tmp_path, engine):
    text = "customer_id,product_id,kind,value,time\nC1,P1,view,1,100\nC1,P1,cart,1,200\n"
    for _ in range(2):
        run(tmp_path, engine, interactions=text)
    with engine.connect() as connection:
        assert len(connection.execute(select(interactions)).all()) == 2
