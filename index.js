// n8n reads the nodes and credential types from the `n8n` section of package.json; nothing is exported here.
module.exports = {};
