// Hyperledger's own gateway client: node gateway.cjs evaluate|submit PROFILE FUNCTION ARGUMENT…
// PROFILE is a client profile as ours reads it. Prints one JSON object: the result, or why there is none.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const { connect, hash, signers } = require('@hyperledger/fabric-gateway');

const DEADLINE_MS = 20_000;

function open(profile) {
    const own = profile.gateways[0];
    const credentials = grpc.credentials.createSsl(fs.readFileSync(own.tls_ca));
    const client = new grpc.Client(own.address, credentials, { 'grpc.ssl_target_name_override': own.server_name });
    const deadline = () => ({ deadline: Date.now() + DEADLINE_MS });
    const gateway = connect({
        client,
        hash: hash.sha256,
        identity: { mspId: profile.msp_id, credentials: fs.readFileSync(profile.certificate) },
        signer: signers.newPrivateKeySigner(crypto.createPrivateKey(fs.readFileSync(profile.private_key))),
        evaluateOptions: deadline, endorseOptions: deadline, submitOptions: deadline, commitStatusOptions: deadline,
    });
    return { client, gateway };
}

async function submit(contract, name, options) {
    const sent = await contract.submitAsync(name, options);
    const status = await sent.getStatus();
    return {
        result: Buffer.from(sent.getResult()).toString(),
        transaction: status.transactionId,
        block: Number(status.blockNumber),
        valid: status.successful,
    };
}

async function main([verb, path, name, ...texts]) {
    const profile = JSON.parse(fs.readFileSync(path, 'utf8'));
    const { client, gateway } = open(profile);
    try {
        const contract = gateway.getNetwork(profile.channel).getContract(profile.chaincode);
        const options = { arguments: texts };
        if (verb === 'evaluate') {
            return { result: Buffer.from(await contract.evaluate(name, options)).toString() };
        }
        return await submit(contract, name, options);
    } catch (error) {
        return { error: error.message, details: (error.details ?? []).map((detail) => detail.message) };
    } finally {
        gateway.close();
        client.close();
    }
}

main(process.argv.slice(2)).then((answer) => console.log(JSON.stringify(answer)));
