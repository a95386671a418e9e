"""Fine-tuning on a toy shop: what is learned, kept, resumed, exported, and refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nlu.data import Example
from nlu.encoders import E5Encoder
from nlu.errors import NluError
from nlu.evaluate import evaluate_intents, evaluate_sentiment
from nlu.finetune import Report, finetune, named, recipe_for
from nlu.finetune_run import Recipe
from nlu.finetuned import FinetunedEncoder, Tuned, is_finetuned
from nlu.fusion import Opinion
from nlu.pipeline import Pipeline

# Requests that are easily taken for each other, by bars.
SENTENCES = {
    "return_item": """I want to send this back|how can I return the lamp|these shoes go back to you|take the kettle back please|not what I wanted, back it goes|where do I post a return|我想退货|这件不要了，退给你们|鞋子不合适想退掉|怎么把东西寄回去|不喜欢，可以退吗|退货地址是哪里""",
    "exchange_item": """can I swap it for a larger one|please send me another size instead|I need the same in blue instead|change these shoes for size 42|wrong colour, I want the other one|could I have a different lamp for this|我想换货|能换个大一号的吗|换成蓝色的行不行|这双鞋给我换42码|颜色不对，想换一个|可以换别的款吗""",
    "refund_status": """where is my money|has the refund gone through|when do I get paid back|I sent it back and still wait for the money|my card shows no refund|how long until the money is back|退款到哪了|钱什么时候退给我|退货了钱还没到账|退款成功了吗|银行卡没收到退款|多久能收到退的钱""",
    "cancel_order": """please cancel what I ordered|I do not want the order any more, stop it|do not ship it, I changed my mind|call off my order|drop the order from this morning|can I still withdraw the order|取消订单|我不想买了，别发货|刚下的单不要了|帮我把订单撤了|还能取消吗|改主意了，先别寄""",
    "change_order": """add a mug to my order|make that two lamps, not one|I need to change the address of the order|ship my order to the office instead|take the kettle off my order|can I still edit what I ordered|修改订单|订单里再加一个杯子|把数量改成两件|收货地址写错了要改|订单寄到公司去|下单后还能改吗""",
    "order_status": """where is my order|has my order left yet|when will it arrive|the parcel is late|track what I bought|is my order on its way|我的订单到哪了|发货了没有|什么时候能到|快递怎么还没来|查一下物流|包裹在路上吗""",
}
RECIPE = Recipe(layers=2, epochs=4, batch=16, rate=5e-4, patience=4)


def rows(*, test: bool) -> list[Example]:
    """Every third sentence is for testing."""
    return [
        Example(text, name)
        for name, texts in SENTENCES.items()
        for i, text in enumerate(texts.split("|"))
        if (i % 3 == 0) == test
    ]


TRAIN, DEV = rows(test=False), rows(test=True)


@pytest.fixture(scope="module", autouse=True)
def one_core() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encoders")


@pytest.fixture(scope="module")
def e5(cache: Path) -> E5Encoder:
    return E5Encoder(cache)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, e5: E5Encoder) -> tuple[Path, Report]:
    """Without dev: nothing is chosen by the sentences that it is tested on."""
    out = tmp_path_factory.mktemp("tuned")
    return out, finetune(TRAIN, out, encoder=e5, recipe=RECIPE)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, e5: E5Encoder) -> tuple[Path, Report]:
    out = tmp_path_factory.mktemp("judged")
    return out, finetune(TRAIN, out, encoder=e5, dev=DEV, recipe=RECIPE)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "finetuned.safetensors").read_bytes()).hexdigest()


def test_training_learns_what_the_start_does_not_know(judged: tuple[Path, Report]) -> None:
    _, report = judged
    assert (report.epochs, len(report.accuracy)) == (4, 5)
    assert report.best_epoch > 0
    assert report.likelihood[report.best_epoch] > report.likelihood[0] + 0.1
    assert report.accuracy[report.best_epoch] >= report.accuracy[0]
    assert report.fused is not None
    assert report.frozen is not None
    assert report.fused >= max(report.frozen, 0.85)


def test_the_folder_holds_the_encoder_and_how_it_was_made(trained: tuple[Path, Report]) -> None:
    out, _ = trained
    assert is_finetuned(out)
    assert sorted(path.name for path in out.iterdir()) == ["finetuned.json", "finetuned.safetensors", "training.json"]
    assert json.loads((out / "training.json").read_text())["recipe"]["layers"] == 2


def test_an_interrupted_training_resumed_gives_the_same(
    trained: tuple[Path, Report], tmp_path: Path, e5: E5Encoder
) -> None:
    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetune(TRAIN, tmp_path, encoder=e5, recipe=RECIPE, progress=stop)
    with pytest.raises(NluError, match="another recipe or another seed"):
        finetune(TRAIN, tmp_path, encoder=e5, recipe=RECIPE, seed=1, resume=True)
    report = finetune(TRAIN, tmp_path, encoder=e5, recipe=RECIPE, resume=True)
    assert (report, digest(tmp_path)) == (trained[1], digest(trained[0]))


def test_it_stops_when_dev_no_longer_gains(tmp_path: Path, e5: E5Encoder) -> None:
    still = replace(RECIPE, rate=0.0, weight_decay=0.0, patience=2, layers=1, epochs=9)
    report = finetune(TRAIN, tmp_path, encoder=e5, dev=DEV, recipe=still)
    assert (report.epochs, report.best_epoch) == (2, 0)


def test_the_export_says_what_the_trained_module_said(judged: tuple[Path, Report], cache: Path, e5: E5Encoder) -> None:
    out, report = judged
    encoder = FinetunedEncoder(out, cache)
    texts = [e.text for e in DEV]
    opinion = encoder.opinion(texts)
    true = [opinion.classes.index(e.label) for e in DEV]
    likelihood = float(opinion.log_probability[np.arange(len(DEV)), true].mean())
    assert likelihood == pytest.approx(report.likelihood[report.best_epoch], abs=0.03)
    np.testing.assert_allclose(encoder.features(texts), e5.features(texts), atol=1e-4)
    assert opinion.fuse(np.full((len(DEV), 6), 1 / 6, np.float32), opinion.classes).sum() == pytest.approx(len(DEV))
    assert encoder.opinion([]).log_probability.shape == (0, 6)


def test_a_model_carries_its_fine_tuned_layers(
    trained: tuple[Path, Report], cache: Path, e5: E5Encoder, tmp_path: Path
) -> None:
    encoder = FinetunedEncoder(trained[0], cache)
    pipeline = Pipeline.train(TRAIN, encoder=encoder, out=tmp_path / "model")
    loaded = Pipeline.load(tmp_path / "model", encoder=e5)
    assert loaded.encoder.fingerprint == encoder.fingerprint != e5.fingerprint
    texts = [e.text for e in DEV]
    was, now = pipeline.parse_many(texts), loaded.parse_many(texts)
    assert [p.intent for p in now] == [p.intent for p in was]
    np.testing.assert_allclose([p.confidence for p in now], [p.confidence for p in was], atol=1e-3)


def test_fused_is_at_least_as_good_as_frozen_on_what_neither_saw(
    trained: tuple[Path, Report], cache: Path, e5: E5Encoder
) -> None:
    frozen = evaluate_intents(TRAIN, DEV, encoder=e5)
    fused = evaluate_intents(TRAIN, DEV, encoder=FinetunedEncoder(trained[0], cache))
    right = [sum(p == e.label for p, e in zip(found.predicted, DEV, strict=True)) for found in (frozen, fused)]
    assert right[1] >= right[0]


def test_sentiment_is_learned_and_joined_with_the_frozen_view(tmp_path: Path, cache: Path, e5: E5Encoder) -> None:
    said = {
        "positive": "lovely lamp, works at once|fast parcel and a kind courier|很好用，推荐|包装精美，喜欢|物超所值|he adores it",
        "negative": "broke after a day|the parcel came late and torn|质量太差了|客服不理人|再也不买了|smells awful, waste of money",
    }
    rows = [Example(text, label) for label, texts in said.items() for text in texts.split("|")]
    train, test = rows[::2], rows[1::2]
    finetune(train, tmp_path, encoder=e5, sentiment=True, recipe=RECIPE)
    opinion = FinetunedEncoder(tmp_path, cache).opinion([e.text for e in test])
    right = [opinion.classes[i] == e.label for i, e in zip(opinion.log_probability.argmax(axis=1), test, strict=True)]
    assert sum(right) >= 5

    class Grumpy(E5Encoder):
        def opinion(self, texts: Sequence[str]) -> Opinion:
            return Opinion(("negative", "positive"), np.log([[0.9, 0.1]] * len(texts)).astype(np.float32), weight=1e3)

    assert set(evaluate_sentiment(train, test, encoder=e5).predicted) == {"negative", "positive"}
    assert set(evaluate_sentiment(train, test, encoder=Grumpy(cache)).predicted) == {"negative"}


def test_the_names_of_intents_are_sentences_too() -> None:
    train = [
        Example("hi", "greet.user"),
        Example("7", "q_17"),
        Example("open?", "faq/opening_hours"),
        Example("退", "退货申请"),
    ]
    said = {e.label: e.text for e in named(train)[len(train) :]}
    assert said == {"greet.user": "greet user", "faq/opening_hours": "opening hours", "退货申请": "退货申请"}


def test_few_sentences_get_the_recipe_for_few() -> None:
    assert recipe_for(TRAIN) == Recipe.of_few()
    assert recipe_for(TRAIN * 4) == Recipe()
    assert recipe_for(TRAIN * 500).epochs == 5  # of 24,000 sentences


@pytest.mark.parametrize(
    ("train", "dev", "recipe", "device", "said"),
    [
        (TRAIN[:8], [], RECIPE, None, r"at least two intents, not of \['return_item'\]"),
        ([Example(" ", "a"), Example("", "b")], [], RECIPE, None, "at least two intents"),
        (TRAIN, [Example("hi", "greet")], RECIPE, None, r"lacks: \['greet'\]"),
        (TRAIN, [], replace(RECIPE, layers=13), None, "1 to 12, not 13"),
        (TRAIN, [], replace(RECIPE, epochs=0), None, "1 epoch or more, not 0"),
        (TRAIN, [], RECIPE, "tpu", "'tpu' is unknown; give cpu or cuda"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    train: list[Example],
    dev: list[Example],
    recipe: Recipe,
    device: str | None,
    said: str,
    tmp_path: Path,
    e5: E5Encoder,
) -> None:
    with pytest.raises(NluError, match=said):
        finetune(train, tmp_path / "out", encoder=e5, dev=dev, recipe=recipe, device=device)
    assert not (tmp_path / "out").exists()


def test_states_that_are_none_are_refused(tmp_path: Path, e5: E5Encoder) -> None:
    with pytest.raises(NluError, match="Nothing to resume"):
        finetune(TRAIN, tmp_path, encoder=e5, dev=DEV, recipe=RECIPE, resume=True)
    (tmp_path / "state.pt").write_bytes(b"no state")
    with pytest.raises(NluError, match="is broken; start without --resume"):
        finetune(TRAIN, tmp_path, encoder=e5, dev=DEV, recipe=RECIPE, resume=True)


def test_a_damaged_folder_is_refused(trained: tuple[Path, Report], tmp_path: Path) -> None:
    with pytest.raises(NluError, match="No fine-tuned encoder in"):
        Tuned.load(tmp_path)
    for name in ("finetuned.json", "finetuned.safetensors"):
        (tmp_path / name).write_bytes((trained[0] / name).read_bytes())
    with (tmp_path / "finetuned.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\xff")
    with pytest.raises(NluError, match="is damaged"):
        Tuned.load(tmp_path)
