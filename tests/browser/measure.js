// Measures what a page shows, as a reader's eyes and fingers meet it: lists of [beginning of its text, figure].
"use strict";

const named = (element, figure) => [element.textContent.trim().slice(0, 30), figure];
const isText = (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim();
// Every element with text of its own that can be seen; GraphiQL's inside is not ours.
const texts = () => [...document.body.querySelectorAll("*")].filter((each) => each.checkVisibility()
  && [...each.childNodes].some(isText) && !each.closest(".graphiql-container"));

// The browser itself lays translucent colours over each other, as it does on the page.
function painted(colours) {
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  for (const colour of colours) {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
  }
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

// Relative luminance and contrast as WCAG 2 defines them.
function luminance(bytes) {
  const [red, green, blue] = bytes.map((byte) => byte / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(element) {
  const ground = ["white"];
  for (let each = element; each; each = each.parentElement) ground.splice(1, 0, getComputedStyle(each).backgroundColor);
  const pair = [painted(ground), painted([...ground, getComputedStyle(element).color])].map(luminance);
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}

function smallerSide(element) {
  const box = element.getBoundingClientRect();
  return Math.min(box.width, box.height);
}

window.measure = {
  contrasts: () => texts().map((each) => named(each, contrast(each))),
  textSizes: () => texts().map((each) => named(each, parseFloat(getComputedStyle(each).fontSize))),
  targets: (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility())
    .map((each) => named(each, smallerSide(each))),
};
