"""Articles and their vectors in Chroma, embedded in the process: ingested once, then only what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from knowledge.article import Article, Language
from knowledge.errors import KnowledgeError
from knowledge.rows import BACKGROUND_SOURCE, SIDES, Entry, Row, article_rows, background_rows, read_article, read_entry
from nlu.encoders import Encoder

Progress = Callable[[int, int], None]

_BATCH = 256  # entries encoded and written together: what a crash can lose
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that was ingested: row i of `vectors`, float32 (len(entries), dim), is the vector of entry i."""

    articles: Mapping[tuple[str, Language], Article]
    entries: tuple[Entry, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ingested:
    """What an ingest did, in articles."""

    added: int
    changed: int
    removed: int
    unchanged: int


class Index:
    """The knowledge of a shop under `path`. Vectors of one encoder only: another encoder gets another collection.

    Every row is named by the hash of all it holds. An ingest adds rows that are missing, then deletes those that nobody
    expects any more: stopped at any point it leaves a readable index, and the next ingest completes it.
    """

    def __init__(self, path: Path, encoder: Encoder, *, name: str = "articles") -> None:
        import chromadb  # takes a second: paid by those who open an index
        from chromadb.config import Settings

        path.mkdir(parents=True, exist_ok=True)
        self.encoder = encoder
        self._name = name
        self._path = path
        self._client: Any = chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))

    def ingest(
        self, articles: Iterable[Article], *, source: str = "shop", progress: Progress | None = None
    ) -> Ingested:
        """Makes `articles` all that is known from `source`; articles of other sources stay, unless one has the same name.

        `progress` is told (rows written, rows to write). Raises KnowledgeError when one name comes twice.
        """
        if not source or source == BACKGROUND_SOURCE:
            raise KnowledgeError(f"{source!r} cannot name a source; use a word such as 'shop'")
        wanted = _by_key(articles)
        rows = {row.id: row for row in background_rows()}  # first: a retriever cannot do without
        rows |= {row.id: row for article in wanted.values() for row in article_rows(article, source)}
        collection = self._collection(create=True)
        stored = _stored(collection)
        replaced = {
            id
            for id, meta in stored.items()
            if meta["source"] in (source, BACKGROUND_SOURCE) or (meta["slug"], meta["language"]) in wanted
        }
        missing = [row for id, row in rows.items() if id not in stored]
        for done, batch in _batches(missing):
            self._write(collection, batch)
            if progress is not None:
                progress(done, len(missing))
        stale = sorted(replaced - rows.keys())
        for _, ids in _batches(stale):
            collection.delete(ids=ids)
        self._drop_other_encoders()
        return _summary(wanted, [row.meta for row in missing], [stored[id] for id in stale], stored.values())

    def snapshot(self) -> Snapshot:
        """Everything, for a retriever. Raises KnowledgeError when nothing was ingested with this encoder."""
        collection = self._collection(create=False)
        found = collection.get(include=["embeddings", "metadatas", "documents"])
        order = np.argsort(np.array(found["ids"]), kind="stable")  # the same whatever the order of ingestion
        entries: list[Entry] = []
        articles: dict[tuple[str, Language], Article] = {}
        for at in order:
            entry = read_entry(str(found["documents"][at]), found["metadatas"][at])
            entries.append(entry)
            if entry.kind == "title":
                articles[entry.slug, entry.language] = read_article(entry, found["metadatas"][at])
        vectors = np.asarray(found["embeddings"], dtype=np.float32)[order]
        return Snapshot(articles, tuple(entries), vectors)

    def close(self) -> None:
        self._client.close()

    def _collection_name(self) -> str:
        return f"{self._name}-{hashlib.sha256(self.encoder.fingerprint.encode()).hexdigest()[:12]}"

    def _collection(self, *, create: bool) -> Any:
        from chromadb.errors import NotFoundError

        name = self._collection_name()
        if create:
            return self._client.get_or_create_collection(
                name,
                embedding_function=None,  # else Chroma would download a model of its own
                metadata={"encoder": self.encoder.fingerprint},
                configuration={"hnsw": {"space": "cosine"}},
            )
        try:
            return self._client.get_collection(name, embedding_function=None)
        except NotFoundError as err:
            others = [str((c.metadata or {}).get("encoder")) for c in self._other_encoders()]
            made = f"was made with the encoder {', '.join(others)}" if others else "holds nothing yet"
            raise KnowledgeError(
                f"The index in {self._path} {made}, and {self.encoder.fingerprint!r} is asked for; ingest the articles"
            ) from err

    def _other_encoders(self) -> list[Any]:
        own, prefix = self._collection_name(), f"{self._name}-"
        return [c for c in self._client.list_collections() if c.name.startswith(prefix) and c.name != own]

    def _drop_other_encoders(self) -> None:
        for collection in self._other_encoders():
            self._client.delete_collection(collection.name)

    def _write(self, collection: Any, rows: Sequence[Row]) -> None:
        vectors = np.zeros((len(rows), self.encoder.dim), np.float32)
        for side in SIDES:
            at = [i for i, row in enumerate(rows) if row.meta["side"] == side]
            if at:
                vectors[at] = self.encoder.encode([rows[i].encoded for i in at], kind=side)
        collection.upsert(
            ids=[row.id for row in rows],
            embeddings=vectors,
            documents=[row.text for row in rows],
            metadatas=[row.meta for row in rows],
        )


def _by_key(articles: Iterable[Article]) -> dict[tuple[str, Language], Article]:
    found: dict[tuple[str, Language], Article] = {}
    for article in articles:
        if article.key in found:
            raise KnowledgeError(f"Two articles are named {article.slug!r} in {article.language!r}; rename one")
        found[article.key] = article
    if not found:
        raise KnowledgeError("There is no article to ingest; give at least one")
    return found


def _stored(collection: Any) -> dict[str, Mapping[str, Any]]:
    found = collection.get(include=["metadatas"])
    return dict(zip(found["ids"], found["metadatas"], strict=True))


def _batches(rows: Sequence[_T]) -> Iterator[tuple[int, Sequence[_T]]]:
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        yield start + len(batch), batch


def _summary(
    wanted: Mapping[tuple[str, Language], Article],
    written: Iterable[Mapping[str, Any]],
    deleted: Iterable[Mapping[str, Any]],
    before: Iterable[Mapping[str, Any]],
) -> Ingested:
    def keys(metas: Iterable[Mapping[str, Any]]) -> set[tuple[str, Language]]:
        return {(meta["slug"], meta["language"]) for meta in metas if meta["slug"]}

    known, gone = keys(before), keys(deleted)
    touched = (keys(written) | gone) & wanted.keys()
    return Ingested(
        added=len(touched - known),
        changed=len(touched & known),
        removed=len(gone - wanted.keys()),
        unchanged=len(wanted.keys() - touched),
    )
