/// Reads the text from which a policy's version is taken, for a check that knows nothing of the engine's settings.
package struct PolicyReader: Equatable, Sendable {
    package private(set) var name = ""
    private(set) var minimumScore = -1, minimumMargin = -1
    /// Points by the names that settings give them.
    private(set) var weights: [String: Int64] = [:]
    /// Rows that post.
    private(set) var posting: Set<String> = []
    private(set) var habitFloor: Int64 = -1
    private(set) var roundingMinor: Int64 = -1
    private(set) var shortHundredths: Int64 = 0
    /// Basis points by kind of difference.
    private(set) var shares: [String: Int64] = [
        "rounding": Tolerances.largestShare, "bank_charge": Tolerances.largestShare, "short_payment": Tolerances.largestShare,
    ]
    private(set) var withholdingBase = "", withholdingRates: [Int64] = []
    /// The largest bank charges that were in force with it, in hundredths of a unit; empty where none is on record.
    package var bankCharges: Set<Int64> = []

    /// - Returns: nil for a text that leaves out what a certificate is held against.
    package init?(_ text: String) {
        for line in text.split(separator: "\n") {
            guard take(line, line.split(separator: " ").map(String.init)) else { return nil }
        }
        let isWhole = minimumScore >= 0 && minimumMargin >= 0 && habitFloor >= 0 && roundingMinor >= 0
        guard !name.isEmpty, isWhole, !weights.isEmpty else { return nil }
    }

    /// Those that every installation has, as they are now.
    package static let standard = reading(.standard), strict = reading(.strict)

    private static func reading(_ policy: MatchPolicy) -> PolicyReader {
        guard let read = PolicyReader(policy.text) else { preconditionFailure("the text of a policy is whole") }
        return read
    }

    /// - Returns: Whether the line can be read; one that no certificate depends on always can.
    private mutating func take(_ line: Substring, _ words: [String]) -> Bool {
        func number(_ at: Int) -> Int64? { words.indices.contains(at) ? bounded(words[at]) : nil }
        if words.dropLast().last == "->", let colon = line.firstIndex(of: ":") {
            if words.last == MatchPolicy.Action.post.rawValue { posting.insert(String(line[..<colon])) }
            return true
        }
        switch words.first {
        case "policy": name = words.dropFirst().joined(separator: " ")
        case "score":
            guard let score = number(1), let margin = number(3) else { return false }
            (minimumScore, minimumMargin) = (Int(score), Int(margin))
        case "rounding":
            guard let minor = number(1) else { return false }
            roundingMinor = minor
        case "habits":
            guard let floor = number(2) else { return false }
            habitFloor = floor
        case "weights":
            for word in words.dropFirst() {
                let parts = word.split(separator: "=").map(String.init)
                guard parts.count == 2, let points = bounded(parts[1]) else { return false }
                weights[parts[0]] = points
            }
        case "tolerances":
            guard words.count > 9, let charge = number(4), let short = number(6), let share = number(8) else { return false }
            shortHundredths = short
            shares.merge(["bank_charge": charge, "short_payment": share]) { $1 }
            let rates = words[10...].prefix { $0 != "of" && $0 != "never" }.map(bounded)
            guard rates.allSatisfy({ $0 != nil }) else { return false }
            (withholdingRates, withholdingBase) = (rates.compactMap(\.self), rates.isEmpty ? "" : words[words.count - 1])
        default: break
        }
        return true
    }

    /// What a signal weighs by its name on a certificate; nil for a name that none has.
    func points(of signal: String) -> Int64? { Self.weight(of: signal).flatMap { weights[$0] } }

    private static func weight(of signal: String) -> String? {
        switch signal {
        case "reference checked": "checked"
        case "reference advised": "advice"
        case "reference whole": "reference"
        case "reference number": "digits"
        case "reference corrected", "reference listed": "corrected"
        case "reference weak": "hint"
        case "payer by account": "account"
        case "payer by iban": "iban"
        case "payer by mandate": "mandate"
        case "payer by name": "name"
        case "payer by family": "family"
        case "amount exact": "exact"
        case "amount with a typed difference": "typed"
        case "amount in part": "part"
        case "only solution": "unique"
        case let other where other.hasPrefix("habit "): "habit"
        default: nil
        }
    }

    /// What an item may have that comes next: who its payer is known by, or words that point to it, and the amount.
    var nextPoints: [Int64] {
        let exact = weights["exact"] ?? 0
        return ["account", "iban", "mandate", "name", "hint", "corrected"].compactMap { weights[$0].map { $0 + exact } }
    }

    /// The limits that a kind of difference may have had, in minor units of a currency; nil where that is not on record.
    ///
    /// - Parameter unit: Minor units of one unit of the currency.
    func limits(of kind: String, unit: Int64) -> Set<Int64>? {
        switch kind {
        case "rounding": [roundingMinor]
        case "short_payment": [shortHundredths * unit / 100]
        // Sales that come with their money are applied without one.
        case "bank_charge": bankCharges.isEmpty ? nil : Set(bankCharges.map { $0 * unit / 100 }).union([0])
        default: []
        }
    }
}

/// No setting is larger, and their products stay within 64 bits.
private func bounded(_ word: String) -> Int64? { Int64(word).flatMap { (0...1_000_000_000_000).contains($0) ? $0 : nil } }
