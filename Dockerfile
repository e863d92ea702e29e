# One image for every role; the role is chosen by BOT__SERVER__ROLES.
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements/run.lock requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md LICENSE config.yaml ./
COPY bot bot
COPY knowledge knowledge
COPY webhooks webhooks
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && useradd --system --create-home bot && mkdir var && chown bot var
USER bot
# The monitor port is for nodes without the web role; web nodes answer /healthz on the same one.
ENV BOT__SERVER__HOST=0.0.0.0 BOT__SERVER__MONITOR_PORT=8080
EXPOSE 8080
VOLUME /app/var
# Alive, not ready: a node whose database is away must not be restarted for it.
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
CMD ["bot", "serve"]
