/** The release of the official package whose behaviour this one has, and which it names to servers. */
export const VERSION = '7.57.0';
