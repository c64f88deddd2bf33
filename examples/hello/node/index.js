exports.handler = async (event, context) => {
  const { name = "world" } = event.queryStringParameters ?? {};
  console.log("greeting", name);
  return {
    statusCode: 200,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ message: `Hello, ${name}, from Node.js`, function: context.functionName }),
  };
};
