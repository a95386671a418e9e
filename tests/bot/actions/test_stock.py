"""Stock: what the ledger says, by variant, with its time; and the note for when it is back."""


def test_in_stock_with_variants_and_time(talk):
    said = talk().says("外套有货吗", "check_stock", product_id="P7")
    assert "苔峰外套有现货" in said
    assert "绿色 M/L和黑色 S/M/L" in said
    assert "11月22日 12:00" in said


def test_one_variant(talk):
    assert "云感跑鞋（黑色 42）有现货" in talk().says(
        "黑色42", "check_stock", product_id="P1", color="black", size="42"
    )


def test_a_sold_out_variant_names_the_others(talk):
    customer = talk()
    said = customer.says("白色43有吗", "check_stock", product_id="P1", color="white", size="43")
    assert "缺货" in said
    assert "黑色 41/42/43" in said
    assert "到货通知我" in customer.buttons


def test_a_variant_that_is_not_made(talk):
    assert "没有红色" in talk().says("红色有吗", "check_stock", product_id="P1", color="red")


def test_few_left(talk, shop):
    shop.ledger.reserve({"P3-white": 7}, key="k", ttl_seconds=99)
    assert "只剩 3 件" in talk().says("杯子有货吗", "check_stock", product_id="P3")


def test_restock_notes_are_taken_once(talk, shop):
    customer = talk()
    first = customer.says("到货通知我", "restock_notify", product_id="P1", color="white", size="43")
    assert "记下了" in first
    assert "已经在名单" in customer.says("到货通知我", "restock_notify", product_id="P1", color="white", size="43")
    assert [r.sender_id for r in shop.feedback.waiting_for("P1-white-43")] == ["talk-1"]


def test_a_note_for_what_is_there_offers_it(talk, shop):
    customer = talk()
    assert "现在就有货" in customer.says("到货通知我", "restock_notify", product_id="P3")
    customer.says("好", "affirm")
    assert [line.sku for line in shop.carts.lines("C0001")] == ["P3-white"]


def test_a_later_yes_is_no_answer_to_an_old_question(talk, shop):
    customer = talk()
    customer.says("到货通知我", "restock_notify", product_id="P3")
    customer.says("谢谢", "thank")
    customer.says("好", "affirm")
    assert shop.carts.lines("C0001") == []


def test_which_product_is_asked(talk):
    assert "哪一款" in talk().says("有货吗", "check_stock")
