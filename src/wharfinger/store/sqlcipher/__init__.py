"""Django's SQLite backend over SQLCipher: the whole file is encrypted, pages, indexes and journal alike."""
