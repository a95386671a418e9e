"""What the inventory raises."""


class InventoryError(Exception):
    """Something given to the ledger cannot be used; the message says what, its value and what is allowed."""


class OutOfStock(InventoryError):  # noqa: N818 - the name that shops use
    """`wanted` pieces of `sku` were asked for, `available` can be promised. Nothing was reserved; a transaction that
    the caller brought along must be rolled back."""

    def __init__(self, sku: str, wanted: int, available: int) -> None:
        super().__init__(f"{wanted} of {sku!r} wanted, {available} available")
        self.sku, self.wanted, self.available = sku, wanted, available
