"""Read by gunicorn in this folder, whatever stands on its command line."""

logger_class = "config.lib.gunicorn_log.RedactingLogger"
