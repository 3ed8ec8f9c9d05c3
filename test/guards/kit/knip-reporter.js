/** A knip reporter that prints as JSON what was found and how many files were looked at. */
export default ({ issues, counters }) => {
  const found = Object.entries(issues).flatMap(([kind, files]) =>
    Object.values(files).flatMap((symbols) =>
      Object.values(symbols).map(({ filePath, symbol }) => ({ kind, filePath, symbol })),
    ),
  );
  console.log(JSON.stringify({ found, processed: counters.processed, total: counters.total }));
};
