// Sending a course with a bar that says how far it is. It is the same form to the same address as
// without scripts: whatever page the server answers with is shown, as if the browser had sent it.

/** Shows a page that came as the answer to a form: only its title and what is in the middle change. */
function show(answer) {
  const next = new DOMParser().parseFromString(answer, "text/html");
  document.title = next.title;
  document.querySelector("main").replaceWith(next.querySelector("main"));
  const trail = document.querySelector(".trail");
  const nextTrail = next.querySelector(".trail");
  if (trail && nextTrail) trail.replaceWith(nextTrail);
  else if (nextTrail) document.querySelector("main").before(nextTrail);
  scrollTo(0, 0);
  const heading = document.querySelector("main h1");
  heading.tabIndex = -1;
  heading.focus();
}

function send(form) {
  const request = new XMLHttpRequest();
  const sending = form.querySelector("[data-sending]");
  const bar = sending.querySelector("progress");
  const said = sending.querySelector("[role=status]");
  const button = form.querySelector(".actions button");
  let told = -1;

  function stopped(words) {
    button.disabled = false;
    bar.hidden = true;
    said.textContent = words;
  }

  request.upload.addEventListener("progress", (event) => {
    const share = Math.floor((100 * event.loaded) / event.total);
    bar.value = share;
    // Read out at every tenth only.
    if (share < 100 && Math.floor(share / 10) > told) {
      told = Math.floor(share / 10);
      said.textContent = said.dataset.sent.replace("{share}", share);
    }
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    said.textContent = said.dataset.checking;
  });
  request.addEventListener("load", () => {
    // Led on after success: that page is loaded as a page of its own.
    if (request.status === 200 && request.responseURL !== form.action) location.assign(request.responseURL);
    else show(request.responseText);
  });
  request.addEventListener("error", () => stopped(said.dataset.lost));
  request.addEventListener("abort", () => stopped(""));
  sending.querySelector("[data-stop]").onclick = () => {
    request.abort();
    sending.hidden = true;
    form.querySelector("input[type=file]").focus();
  };

  request.open("POST", form.action);
  request.setRequestHeader("accept", "text/html");
  request.send(new FormData(form));
  button.disabled = true;
  bar.hidden = sending.hidden = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-upload]")) return;
  event.preventDefault();
  const input = form.querySelector("input[type=file]");
  const tooLarge = input.files[0].size > Number(form.dataset.bytesMax);
  form.querySelector("[data-too-large]").hidden = !tooLarge;
  if (tooLarge) input.focus();
  else send(form);
});
