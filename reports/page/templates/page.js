
"use strict";
(() => {
  const root = document.documentElement;
  for (const hidden of document.querySelectorAll("[data-script]")) hidden.hidden = false;
  for (const radio of document.querySelectorAll('input[name="theme"]')) {
    radio.addEventListener("change", () => {
      if (radio.value) root.dataset.theme = radio.value;
      else delete root.dataset.theme;
    });
  }
  document.getElementById("print").addEventListener("click", () => window.print());

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  const percent = (share) => {
    const value = 100 * share;
    if (value < 0.1005) return "≤ 0.1 %";
    if (value > 99.8995) return "≥ 99.9 %";
    if (value < 1) return `${Number(value.toPrecision(2))} %`;
    return `${value > 99 ? value.toFixed(1) : value.toFixed(0)} %`;
  };

  const written = (value) => {
    const size = Math.abs(value);
    if (size && (size >= 1e15 || size < 1e-4)) return value.toExponential(2);
    if (size === 0) return "0";
    const options = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
    return value.toLocaleString("en-US", options);
  };

  const start = (figure) => {
    const { log, word, edges, below } = JSON.parse(figure.querySelector("[data-distribution]").textContent);
    const svg = figure.querySelector("svg");
    const limits = [...figure.querySelectorAll("[data-limit]")];
    const fields = [0, 1].map((k) => figure.querySelector(`[data-field="${k}"]`));
    const texts = [0, 1].map((k) => figure.querySelector(`[data-text="${k}"]`));
    const shares = [0, 1, 2].map((k) => figure.querySelector(`[data-share="${k}"]`));
    const clip = figure.querySelector("[data-clip]");
    const first = edges[0];
    const last = edges[edges.length - 1];
    const scaled = (value) => (log ? Math.log(value) : value);
    const place = (value) => {
      if (log && value <= 0) return 0;
      return clamp((100 * (scaled(value) - scaled(first))) / (scaled(last) - scaled(first)), 0, 100);
    };
    const valueAt = (at) => {
      const inner = scaled(first) + (at / 100) * (scaled(last) - scaled(first));
      return log ? Math.exp(inner) : inner;
    };
    const shareBelow = (value) => {
      const at = (place(value) / 100) * (edges.length - 1);
      const k = Math.min(Math.floor(at), edges.length - 2);
      return below[k] + (at - k) * (below[k + 1] - below[k]);
    };
    const values = fields.map((field) => Number(field.value));

    const show = (skip) => {
      const places = values.map(place);
      limits.forEach((limit, k) => {
        const x = `${places[k].toFixed(2)}%`;
        for (const line of limit.querySelectorAll("line")) {
          line.setAttribute("x1", x);
          line.setAttribute("x2", x);
        }
        const text = limit.querySelector("text");
        text.setAttribute("x", x);
        text.textContent = written(values[k]) + word;
        texts[k].textContent = text.textContent;
        limit.setAttribute("aria-valuenow", places[k].toFixed(1));
        const side = k ? 1 - shareBelow(values[1]) : shareBelow(values[0]);
        limit.setAttribute("aria-valuetext", `${text.textContent}, ${percent(side)}`);
        if (k !== skip) fields[k].value = Number(values[k].toPrecision(6));
      });
      clip.setAttribute("x", `${places[0]}%`);
      clip.setAttribute("width", `${Math.max(places[1] - places[0], 0)}%`);
      const [low, high] = values.map(shareBelow);
      shares[0].textContent = percent(low);
      shares[1].textContent = percent(Math.max(high - low, 0));
      shares[2].textContent = percent(1 - high);
    };

    const move = (k, value, skip) => {
      if (!Number.isFinite(value)) return;
      values[k] = value;
      if (k === 0 && values[0] > values[1]) values[1] = value;
      if (k === 1 && values[1] < values[0]) values[0] = value;
      show(skip);
    };

    limits.forEach((limit, k) => {
      limit.tabIndex = 0;
      limit.addEventListener("keydown", (event) => {
        const at = place(values[k]);
        const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
        const step = steps[event.key];
        if (step === undefined) return;
        event.preventDefault();
        move(k, valueAt(clamp(at + step, 0, 100)));
      });
      limit.addEventListener("pointerdown", (event) => {
        limit.setPointerCapture(event.pointerId);
        limit.focus({ preventScroll: true });
        event.preventDefault();
      });
      limit.addEventListener("pointermove", (event) => {
        if (!limit.hasPointerCapture(event.pointerId)) return;
        const box = svg.getBoundingClientRect();
        move(k, valueAt(clamp((100 * (event.clientX - box.left)) / box.width, 0, 100)));
      });
      fields[k].addEventListener("input", () => move(k, fields[k].valueAsNumber, k));
      fields[k].addEventListener("change", () => show());
    });
    figure.classList.add("live");
    show();
  };
  for (const figure of document.querySelectorAll("figure.dist")) start(figure);
})();
