from rag.index.opening import open_index

__all__ = ["open_index"]
