from rag.index.opening import open_index, restore_index

__all__ = ["open_index", "restore_index"]
