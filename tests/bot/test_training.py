"""The shop's understanding trained on, and served with, a fine-tuned encoder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings
from bot.training import encoder, served_encoder, shop_encoder, train_nlu
from nlu.errors import NluError
from nlu.finetune_model import UpperLayers
from nlu.finetuned import FinetunedEncoder, Tuned
from nlu.pipeline import Pipeline
from nlu.weights import bundled_path, read_weights

NLU = """
nlu:
- intent: return_item
  examples: |
    - I want to send this back
    - how can I return the lamp
    - 我想退货
- intent: order_status
  examples: |
    - where is my order
    - has my parcel left
    - 我的订单到哪了
"""


def finetuned(folder: Path, *, bias: float) -> Path:
    """A folder as `finetune` makes it, of one layer that was not trained; a head that leans to `order_status`."""
    weights = read_weights(bundled_path())
    model = UpperLayers(weights, 1, 2)
    model.head.weight.data.zero_()
    model.head.bias.data[0] = bias
    folder.mkdir(exist_ok=True)
    Tuned(model.arrays(), model.linear(), ("order_status", "return_item"), weights.digest).save(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "project" / "data"
    data.mkdir(parents=True)
    (data / "nlu.yml").write_text(NLU, encoding="utf-8")
    return Settings(home=tmp_path / "home", project=tmp_path / "project")


def test_a_shop_trains_on_a_fine_tuned_encoder_and_serves_with_it(settings: Settings, tmp_path: Path) -> None:
    folder = finetuned(tmp_path / "tuned", bias=99.0)
    named = settings.model_copy(update={"encoder": folder})
    model = train_nlu(named, shop_encoder(named))
    shutil.rmtree(folder)

    served = served_encoder(settings)
    assert isinstance(served, FinetunedEncoder)
    pipeline = Pipeline.load(model, encoder=served)
    assert pipeline.encoder is served  # one pass for everything
    assert pipeline.parse("take it back").intent == "order_status"  # the layers that came with the model have their say

    with pytest.raises(NluError, match=r"No fine-tuned encoder in .*tuned.*make one: python -m nlu finetune"):
        served_encoder(named)
    finetuned(folder, bias=-99.0)
    with pytest.raises(NluError, match=r"was trained with the encoder .* not .*; train it again"):
        Pipeline.load(model, encoder=served_encoder(named))


def test_training_with_another_encoder_is_not_current(settings: Settings, tmp_path: Path) -> None:
    named = settings.model_copy(update={"encoder": finetuned(tmp_path / "tuned", bias=0.0)})
    model = train_nlu(named, shop_encoder(named))
    made = (model / "model.json").stat().st_ino
    train_nlu(named, shop_encoder(named))
    assert (model / "model.json").stat().st_ino == made
    train_nlu(settings, shop_encoder(settings))
    assert not isinstance(served_encoder(settings), FinetunedEncoder)
    assert Pipeline.load(model, encoder=served_encoder(settings)).encoder.fingerprint == encoder(settings).fingerprint


def test_a_model_of_an_older_version_is_refused_and_made_again(settings: Settings) -> None:
    model = train_nlu(settings, shop_encoder(settings))
    document, mark = model / "model.json", model / "trained_on"
    document.write_text(json.dumps({**json.loads(document.read_text()), "format": 0}))
    mark.write_text(" ".join(mark.read_text().split()[:2]))
    with pytest.raises(NluError, match=r"has the format 0 of another version of this program, .* train it again"):
        Pipeline.load(model, encoder=encoder(settings))
    train_nlu(settings, shop_encoder(settings))
    Pipeline.load(model, encoder=encoder(settings))


def test_only_the_shop_takes_a_fine_tuned_encoder(settings: Settings, tmp_path: Path) -> None:
    (settings.project / "domain.yml").write_text("intents: [return_item, order_status]\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["train", "--project", str(settings.project), "--encoder", str(tmp_path)])
    assert said.exit_code == 2
    assert "only the shop's own project" in said.output
