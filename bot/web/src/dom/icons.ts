// Path data for `icon`, drawn as 2 px strokes.

export const CHAT = ["M4 5.5h16v11H11l-4.5 3.5v-3.5H4z", "M8.5 9.5h7", "M8.5 12.5h4.5"];
export const CLOSE = ["M6 6l12 12", "M18 6L6 18"];
export const DOWN = ["M5 9l7 7 7-7"];
export const MORE = ["M12 5.5v.01", "M12 12v.01", "M12 18.5v.01"];
export const SEND = ["M5 12h13", "M12.5 6l6 6-6 6"];
export const PERSON = ["M12 12a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4z", "M4.8 20c.7-3.6 3.5-5.4 7.2-5.4s6.5 1.8 7.2 5.4"];
/** The first path is the lit paper. */
export const LANTERN = [
  "M8.5 5.5h7c2.5 2.2 3.7 4.4 3.7 6.5s-1.2 4.3-3.7 6.5h-7C6 16.3 4.8 14.1 4.8 12S6 7.7 8.5 5.5z",
  "M8.5 5.5h7",
  "M8.5 18.5h7",
  "M12 2.5v3",
  "M12 18.5v3",
];
export const BOOK = ["M5 4.5h9.5L19 9v10.5H5z", "M14 4.5V9h5", "M8.5 13h7", "M8.5 16h4.5"];
export const CART = ["M3.5 5h2.6l2 10.5h9.4l2-7.5H7", "M9.5 19.5v.01", "M16.5 19.5v.01"];
export const BOX = ["M4 8l8-4 8 4v8.5l-8 4-8-4z", "M4 8l8 4 8-4", "M12 12v8.5"];
export const SEARCH = ["M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z", "M16 16l4 4"];
export const REFRESH = ["M19 12a7 7 0 1 1-2.3-5.2", "M19 4v4h-4"];
