# Two stages: what is needed to install stays behind; the bot runs as nobody's user on a slim image.
FROM python:3.12-slim AS build
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home bot
WORKDIR /app
COPY --from=build /venv /venv
COPY bot bot
COPY content content
COPY locales locales
RUN mkdir data && chown bot data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 BOT_HTTP_HOST=0.0.0.0
USER bot
VOLUME /app/data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["python", "-m", "bot", "run"]
