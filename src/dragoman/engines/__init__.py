"""Models: one Protocol per kind of work, the plug-ins that fulfil it, and the choice among them.

An engine is plain synchronous code and is loaded once; a ``…Stream`` is the private state of one session. Where the
engine runs is its host's concern (:mod:`dragoman.hosts`); callers hold it as
:class:`~dragoman.engines.hosted.Hosted` and never learn.
"""
