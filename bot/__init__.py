"""Đồng Hành: a chat companion with health and safe-migration information for migrants in Viet Nam."""

__version__ = "0.1.0"
