"""Batch jobs: accepted once, finished or rejected once, whatever is killed meanwhile.

A job's row says what is asked and how far it has come; its recording and what came of it lie in the blobs below its
folder. The queue that runs jobs knows nothing but their ids: a row that the queue may have missed is told to it again.
"""
