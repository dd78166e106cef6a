// The speed of a clip: native controls offer it late or nowhere, so it has buttons of its own.

for (const figure of document.querySelectorAll("[data-clip]")) {
  const video = figure.querySelector("video");
  const speeds = figure.querySelector("[data-speeds]");
  const buttons = speeds.querySelectorAll("button");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      video.playbackRate = Number(button.value);
    });
  }
  video.addEventListener("ratechange", () => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(Number(button.value) === video.playbackRate));
    }
  });
  speeds.hidden = false;
}
