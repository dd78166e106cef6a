// The fingerprint of a proof is made here: the file itself never leaves this PC. Where the browser cannot
// (plain http), the field for the file stays hidden and the fingerprint can be typed.

const place = document.querySelector("[data-digest]");
const shown = document.getElementById("attachment");

if (place && shown && globalThis.crypto?.subtle) {
  place.hidden = false;
  place.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) {
      shown.value = "";
      return;
    }
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    shown.value = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  });
}
