"""What operators count of batch jobs."""

from prometheus_client import Counter, Gauge, Histogram

accepted = Counter("dragoman_jobs_accepted", "Batch jobs that were accepted")
running = Gauge("dragoman_jobs_running", "Batch jobs that this process works on now")
ended = Counter("dragoman_jobs_ended", "Batch jobs that this process ended, by their status", ["status"])
billed = Counter("dragoman_jobs_seconds", "Seconds of recordings that were billed")
taken_over = Counter("dragoman_jobs_taken_over", "Batch jobs that were taken over from a process that fell silent")
waited = Histogram(
    "dragoman_jobs_wait_seconds",
    "Seconds from accepting a batch job until it was done",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200),
)
