"""What can be bought: each product has a rate, and a scope that a key needs for it."""

from typing import Final, Literal, get_args

Product = Literal["live_speech", "realtime", "batch"]
"""Speech to speech over Socket.IO; the realtime protocol; recordings as jobs."""

PRODUCTS: Final[tuple[Product, ...]] = get_args(Product)
