from tests.service.conftest import fast_folder, sqlite_template

__all__ = ["fast_folder", "sqlite_template"]
