import Crypto
import Domain
import Store

/// The policies on record, by the version that certificates name: each is what its own text says, and its version is taken from that text.
struct PolicyFacts {
    private let policies: [String: PolicyReader]
    /// From this id on every application's policy is on record.
    private let since: Int64

    init(_ entity: ID<Entity>, in tx: any Transaction) throws {
        var policies: [String: PolicyReader] = [:], first: Int64?
        for known in [MatchPolicy.standard, .strict] { policies[Self.version(known.name, known.text)] = PolicyReader(known.text) }
        try tx.forEach("SELECT id, policy, bank_charge_hundredths FROM cash_policy_text WHERE entity_id = \(entity) ORDER BY id") { row in
            first = first ?? row.integer(0)
            let text = row.text(1)
            guard let read = PolicyReader(text) else { return }
            policies[Self.version(read.name, text), default: read].bankCharges.insert(min(max(0, row.integer(2)), 1_000_000_000_000))
        }
        // A text is kept by the transaction that applies cash under it, behind what it applied.
        since =
            try first.flatMap { first in
                try tx.first("SELECT first_id FROM seal WHERE entity_id = \(entity) AND last_id >= \(first) ORDER BY last_id LIMIT 1") {
                    $0.integer(0)
                }
            } ?? .max
        self.policies = policies
    }

    private static func version(_ name: String, _ text: String) -> String {
        "\(name) \(hexadecimal(SHA256.hash(data: Array(text.utf8)).prefix(8)))"
    }

    /// The policy that a certificate names; nil where it is not on record.
    func policy(of certificate: CertificateReader, at application: Int64) -> PolicyReader? {
        var policy = policies[certificate.policy]
        if application < since { policy?.bankCharges = [] }
        return policy
    }

    /// A version that no text on record has, though texts were recorded by then. Before that, only the version of a policy was kept.
    func faults(of certificate: CertificateReader, at application: Int64) -> [String] {
        policies[certificate.policy] == nil && application >= since ? ["policy \(certificate.policy) is not on record"] : []
    }
}
