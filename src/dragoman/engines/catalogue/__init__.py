"""Models that can be installed, those that are, and how they get here.

Adapters need :func:`installed` and :func:`locate` alone, which read files and never write or fetch any.
"""

from dragoman.engines.catalogue.model import InstalledModel, Model, ModelFile
from dragoman.engines.catalogue.store import installed, locate, models_folder

__all__ = ["InstalledModel", "Model", "ModelFile", "installed", "locate", "models_folder"]
