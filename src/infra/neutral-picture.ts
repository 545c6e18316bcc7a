/** The type to serve `neutralPicture` with. */
export const neutralPictureType = "image/webp";

/** Shown while a picture is being made: 320 × 240 pixels of light grey with a drawn landscape. */
export const neutralPicture: Buffer = Buffer.from(
  "UklGRlwBAABXRUJQVlA4IFABAADwHgCdASpAAfAAPu12uVSpp6YjI/nIETAdiWlu4XXxx3AOKLwzNYx4jRxjxG7F" +
    "/pW+PK9DR2cObRxjxGjjHiNHGPEaOMeI0cZNRihZATrP9byvQ0ccPQ8rRoYwGBBsuToc/pW+PLzD8EWEFsVKGF2Q" +
    "5V5MxffLOHGPEaOMeEjNI3cP8SQEd6vNBSS7gmADChRNHGKEfrCM4wQPQU3r39OmXKqFSiOh995tSGjyvQ0UHdxC" +
    "rvQyBW46XKlXdnfbvT5IRaxMrlWT9StsCKwTu3ONvbWaKfmmhHGPEapgj1Z6Of+3axjxGjjHiNHGPEaOMeI0cY8R" +
    "o4x4jRxjxGjjHhIAAP7/DBDbqUejGBDjpMCAA3keKvD/TqAHxvbFYLYCcT4QSQ8rIrNs4H6oIs+zmVCM2ZRFIsRv" +
    "rpAhSMtDgcOSHLJHuEEga2KvaEAAAAAAAAA=",
  "base64",
);
