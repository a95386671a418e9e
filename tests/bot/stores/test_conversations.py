"""Messages are stored once; the word is handed over to one person only."""

from bot.stores.conversations import Conversations, Inbox


def test_a_repeated_delivery_is_known(engine):
    inbox = Inbox(engine)
    assert inbox.receive("web", "m1", "a", "hi", {})
    assert not inbox.receive("web", "m1", "a", "hi", {})
    assert inbox.receive("telegram", "m1", "a", "hi", {})
    assert inbox.replies("web", "m1") is None
    inbox.answer("web", "m1", [{"text": "hello"}])
    assert inbox.replies("web", "m1") == [{"text": "hello"}]


def test_what_a_crash_interrupted_is_found(engine):
    inbox = Inbox(engine)
    for key in ("m1", "m2", "m3"):
        inbox.receive("web", key, "a", key, {"n": 1})
    inbox.answer("web", "m2", [])
    assert [row["message_id"] for row in inbox.unanswered(since=0)] == ["m1", "m3"]
    assert inbox.unanswered(since=10**11) == []


def test_only_one_person_takes_a_conversation(engine):
    store = Conversations(engine)
    store.touch("a", channel="web")
    assert store.change_mode("a", only_if=("bot", "waiting"), mode="human", operator="ann")
    assert not store.change_mode("a", only_if=("bot", "waiting"), mode="human", operator="bob")
    row = store.get("a")
    assert row is not None
    assert (row.mode, row.operator) == ("human", "ann")


def test_a_conversation_of_the_assistant_can_wait_for_a_person_once(engine):
    store = Conversations(engine)
    store.touch("a", channel="web")
    assert store.wait("a", reason="nobody answers")
    assert not store.wait("a", reason="again")
    row = store.get("a")
    assert row is not None
    assert (row.mode, row.reason, row.waiting_since is None) == ("waiting", "nobody answers", False)


def test_those_who_wait_come_first_and_the_longest_wait_leads(engine):
    store = Conversations(engine)
    for name in ("idle", "second", "first"):
        store.touch(name, channel="web")
    store.touch("second", channel="web", mode="waiting", waiting_since=20.0)
    store.touch("first", channel="web", mode="waiting", waiting_since=10.0)
    assert [row.sender_id for row in store.listed()] == ["first", "second", "idle"]


def test_history_is_the_newest_in_order(engine):
    store = Conversations(engine)
    for text in "abc":
        store.say("x", "customer", {"text": text})
    said = store.history("x", limit=2)
    assert [s.data["text"] for s in said] == ["b", "c"]
    assert [s.data["text"] for s in store.history("x", after=said[0].id)] == ["c"]


def test_erased_words_are_gone(engine):
    store = Conversations(engine)
    store.touch("x", channel="web", customer_id="C1", summary="secret")
    store.say("x", "customer", {"text": "secret"})
    Inbox(engine).receive("web", "m", "x", "secret", {})
    store.erase("x")
    assert store.history("x") == []
    row = store.get("x")
    assert row is not None
    assert (row.customer_id, row.summary) == (None, "")
    assert Inbox(engine).unanswered(since=0) == []
