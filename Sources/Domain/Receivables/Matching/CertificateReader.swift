/// Reads a certificate's text without the engine that wrote it.
package struct CertificateReader: Sendable {
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }
    package struct Named: Sendable {
        package let itemID: Int64
        package let strength: String
        package let reference: String
    }
    package struct Uniqueness: Sendable {
        package let size: Int
        package let itemIDs: [Int64]
    }

    package private(set) var policy = ""
    package private(set) var cashMinor: Int64 = 0
    package private(set) var currency = ""
    package private(set) var paidOn = ""
    package private(set) var rule = ""
    package private(set) var customer: Int64 = 0
    package private(set) var payers: [(customer: Int64, evidence: String)] = []
    package private(set) var named: [Named] = []
    package private(set) var opens: [Int64: Int64] = [:]
    package private(set) var lines: [(itemID: Int64, minor: Int64)] = []
    package private(set) var adjustments: [(kind: String, itemID: Int64, minor: Int64)] = []
    package private(set) var restMinor: Int64 = 0
    package private(set) var score = 0
    package private(set) var margin = 0
    package private(set) var nextScore: Int?
    package private(set) var uniqueness: Uniqueness?

    /// - Errors: `Fault` names the line that cannot be read.
    package init(_ text: String) throws(Fault) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popFirst() == "florin-match-1" else { throw Fault(description: "it is no certificate of a known version") }
        for line in lines where !line.isEmpty {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard take(words[0], Array(words.dropFirst()), line) else { throw Fault(description: "its line '\(line)' cannot be read") }
        }
    }

    private mutating func take(_ fact: String, _ words: [String], _ line: Substring) -> Bool {
        let numbers = words.map { Int64($0) }
        switch fact {
        case "policy": policy = words.joined(separator: " ")
        case "row": return true
        case "rule" where words.count == 1: rule = words[0]
        case "cash" where words.count == 3:
            guard let minor = numbers[0] else { return false }
            (cashMinor, currency, paidOn) = (minor, words[1], words[2])
        case "named" where words.count >= 3:
            guard let item = numbers[0] else { return false }
            named.append(Named(itemID: item, strength: words[1], reference: words[2...].joined(separator: " ")))
        case "payer" where words.count == 2:
            guard let customer = numbers[0] else { return false }
            payers.append((customer, words[1]))
        case "adjust" where words.count == 3:
            guard let item = numbers[1], let minor = numbers[2] else { return false }
            adjustments.append((words[0], item, minor))
        case "signal" where words.count >= 2:
            guard let points = numbers[0] else { return false }
            score += Int(points)
        default: return takeNumbers(fact, numbers)
        }
        return true
    }

    private mutating func takeNumbers(_ fact: String, _ words: [Int64?]) -> Bool {
        let numbers = words.compactMap { $0 }
        guard numbers.count == words.count, let first = numbers.first else { return false }
        switch (fact, numbers.count) {
        case ("customer", 1): customer = first
        case ("open", 2): opens[first] = numbers[1]
        case ("line", 2): lines.append((first, numbers[1]))
        case ("rest", 1): restMinor = first
        case ("margin", 1): margin = Int(first)
        case ("next", 1...): nextScore = Int(first)
        case ("unique", 3...): uniqueness = Uniqueness(size: Int(first), itemIDs: Array(numbers[2...]))
        default: return false
        }
        return true
    }
}

extension CertificateReader {
    /// What the certificate says against itself: sums that do not close, items settled beyond what was open, a runner-up too near.
    package var contradictions: [String] {
        var found: [String] = []
        let debits = lines.filter { $0.minor > 0 }.reduce(0) { $0 + $1.minor },
            credits = lines.filter { $0.minor < 0 }.reduce(0) { $0 + $1.minor }
        let adjusted = adjustments.reduce(0) { $0 + $1.minor }
        if cashMinor - credits + adjusted != debits + restMinor {
            found.append(
                "cash \(cashMinor), credits \(-credits) and differences \(adjusted) do not make up \(debits) settled and \(restMinor) left")
        }
        if Set(lines.map(\.itemID)).count != lines.count { found.append("an item is settled twice") }
        for line in lines {
            guard let open = opens[line.itemID] else {
                found.append("item \(line.itemID) is settled, but what was open of it is not stated")
                continue
            }
            let isWithin = open > 0 ? (1...open).contains(line.minor) : open < 0 && (open...(-1)).contains(line.minor)
            if !isWithin { found.append("item \(line.itemID) had \(open) open and \(line.minor) are settled") }
        }
        if restMinor < 0 || adjustments.contains(where: { $0.minor <= 0 }) { found.append("a rest or a difference is below zero") }
        if let nextScore, score - nextScore < margin {
            found.append("the next best has \(nextScore) points against \(score): nearer than \(margin)")
        }
        if let uniqueness, let solutions = waysToPay(uniqueness), solutions != 1 {
            found.append(
                "of \(uniqueness.itemIDs.count) items at most \(uniqueness.size) add up to the cash in \(solutions == 0 ? "no way" : "several ways")"
            )
        }
        return found
    }

    /// In how many ways, 2 for more, items of the set add up to the cash; nil when discounts are in play, whose prices the certificate states only
    /// for what it settled.
    ///
    /// Counts by sums reached, item after item: another way than the search that posted.
    private func waysToPay(_ set: Uniqueness) -> Int? {
        guard !adjustments.contains(where: { $0.kind == "discount" }) else { return nil }
        let amounts = set.itemIDs.compactMap { opens[$0] }.filter { $0 > 0 }
        guard amounts.count == set.itemIDs.count else { return 0 }
        // ways[size][sum]
        var ways: [[Int64: Int]] = [[0: 1]] + Array(repeating: [:], count: set.size)
        for amount in amounts {
            for size in stride(from: set.size, to: 0, by: -1) {
                for (sum, count) in ways[size - 1] where sum + amount <= cashMinor {
                    ways[size][sum + amount] = min(2, ways[size][sum + amount, default: 0] + count)
                }
            }
        }
        return min(2, ways.dropFirst().reduce(0) { $0 + $1[cashMinor, default: 0] })
    }
}
