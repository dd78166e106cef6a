// Ticking everybody on a page, or nobody, without loading it again: the links do the same without scripts.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-tick]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  for (const box of link.closest("form").querySelectorAll('input[type="checkbox"]')) {
    box.checked = link.dataset.tick === "all";
  }
});
