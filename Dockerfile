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
ENV BOT__SERVER__HOST=0.0.0.0
EXPOSE 8080
VOLUME /app/var
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
CMD ["bot", "serve"]
