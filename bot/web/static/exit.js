// Quick exit: the button and Escape twice. The page is replaced, so that "back" does not show it again.
"use strict";

(() => {
  const button = document.querySelector(".exit");
  const leave = () => {
    document.documentElement.hidden = true;
    location.replace(button.href);
  };
  let last = -Infinity;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - last < 1000) leave();
    last = event.timeStamp;
  });
})();
