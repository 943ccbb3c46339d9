"use strict";

// Pointing at a word, or moving to it, shows when it was said and where it is in the sound. Without this
// script the time stands below each word all the same, and all of it in the table.
for (const figure of document.querySelectorAll("[data-statement]")) {
  const readout = figure.querySelector("[data-readout]");
  const words = new Map([...figure.querySelectorAll("button[data-word]")].map((w) => [w.dataset.word, w]));
  const blocks = new Map([...figure.querySelectorAll("rect[data-word]")].map((b) => [b.dataset.word, b]));
  const hint = "Point at a word, or move to it with the Tab key, to see where it is in the sound.";
  let kept = null;

  const show = (word) => {
    for (const each of figure.querySelectorAll(".here")) each.classList.remove("here");
    if (word === null) {
      readout.textContent = hint;
      return;
    }
    word.classList.add("here");
    blocks.get(word.dataset.word)?.classList.add("here");
    readout.textContent = word.dataset.says;
  };

  for (const word of words.values()) {
    word.addEventListener("pointerenter", () => show(word));
    word.addEventListener("pointerleave", () => show(kept));
    word.addEventListener("focus", () => { kept = word; show(word); });
    word.addEventListener("blur", () => { kept = null; show(null); });
    word.addEventListener("click", () => { kept = word; show(word); });
  }
  for (const [number, block] of blocks) {
    const word = words.get(number);
    if (!word) continue;
    block.addEventListener("pointerenter", () => show(word));
    block.addEventListener("pointerleave", () => show(kept));
    block.addEventListener("click", () => word.focus());
  }
  readout.hidden = false;
  show(null);
}

// Paper shows everything.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    details.open = true;
    details.dataset.closeAfterPrint = "";
  }
});
window.addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("details[data-close-after-print]")) {
    details.open = false;
    delete details.dataset.closeAfterPrint;
  }
});
