from config.lib.csv.importing import Job
from tests.backorders.files.files import NOW

JOB = Job(by=None, now=NOW)
