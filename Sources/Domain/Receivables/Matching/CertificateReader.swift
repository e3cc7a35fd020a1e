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
    /// A line of an advice: what it pays for an item, nil where it states none, and what the payer keeps.
    package struct Advised: Sendable {
        package let advice: Int64
        package let line: Int64
        package let itemID: Int64
        package let paidMinor: Int64?
        package let keptMinor: Int64
        package let citations: String
    }
    /// A habit with its counts and the precision wanted, per mille.
    package struct Habit: Sendable {
        package let name: String
        package let confirmations, contradictions, floor: Int64

        package var isProven: Bool { Self.isProven(confirmations, contradictions, floor) }

        /// Whether counts prove a precision, per mille: k of n right, and (k/n − p)² ≥ z² p (1 − p) / n with z = 1.96.
        package static func isProven(_ right: Int64, _ wrong: Int64, _ floor: Int64) -> Bool {
            guard right >= 0, wrong >= 0, (1...1_000).contains(floor) else { return false }
            let k = Int128(right), n = k + Int128(wrong), p = Int128(floor), over = 1_000 * k - n * p
            return over > 0 && 10_000 * over * over >= 38_416 * n * p * (1_000 - p)
        }
    }
    package struct Uniqueness: Sendable {
        package let size: Int
        package let considered: Int64
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
    /// The advices that are linked to the receipt, by `reference` or by `payer`; none on a certificate from before it was stated.
    package private(set) var linked: [(advice: Int64, rule: String)] = []
    package private(set) var advised: [Advised] = []
    /// Items of other customers than `customer`.
    package private(set) var members: [Int64: Int64] = [:]
    package private(set) var opens: [Int64: Int64] = [:]
    package private(set) var lines: [(itemID: Int64, minor: Int64)] = []
    package private(set) var adjustments: [(kind: String, itemID: Int64, minor: Int64)] = []
    /// Limits that were in force: the most in minor units, and in basis points of what is settled.
    package private(set) var limits: [String: (minor: Int64, share: Int64)] = [:]
    package private(set) var withholding: (base: String, rates: [Int64])?
    /// What tax was withheld of, by item.
    package private(set) var bases: [Int64: Int64] = [:]
    package private(set) var restMinor: Int64 = 0
    package private(set) var row = ""
    package private(set) var signals: [(points: Int64, name: String)] = []
    package var score: Int { signals.reduce(0) { $0 + Int($1.points) } }
    package private(set) var margin = 0
    package private(set) var nextScore: Int?
    /// The items of the next best proposal.
    package private(set) var nextItemIDs: [Int64] = []
    package private(set) var uniqueness: Uniqueness?
    package private(set) var habit: Habit?

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
        // Beyond these bounds nothing is an amount, a count or an id, and sums stay within 64 bits.
        let numbers = words.map { word in Int64(word).flatMap { $0.magnitude <= Self.largest ? $0 : nil } }
        switch fact {
        case "policy": policy = words.joined(separator: " ")
        case "row": row = words.joined(separator: " ")
        case "rule" where words.count == 1: rule = words[0]
        case "cash" where words.count == 3:
            guard let minor = numbers[0] else { return false }
            (cashMinor, currency, paidOn) = (minor, words[1], words[2])
        case "named" where words.count >= 3:
            guard let item = numbers[0] else { return false }
            named.append(Named(itemID: item, strength: words[1], reference: words[2...].joined(separator: " ")))
        case "advised" where words.count >= 5:
            guard let advice = numbers[0], let place = numbers[1], let item = numbers[2], let kept = numbers[4],
                words[3] == "-" || numbers[3] != nil
            else { return false }
            advised.append(
                Advised(
                    advice: advice, line: place, itemID: item, paidMinor: numbers[3], keptMinor: kept,
                    citations: words[5...].joined(separator: " ")))
        case "linked" where words.count == 2 && ["reference", "payer"].contains(words[1]):
            guard let advice = numbers[0] else { return false }
            linked.append((advice, words[1]))
        case "habit" where words.count == 4:
            guard let right = numbers[1], let wrong = numbers[2], let floor = numbers[3] else { return false }
            habit = Habit(name: words[0], confirmations: right, contradictions: wrong, floor: floor)
        case "payer" where words.count == 2:
            guard let customer = numbers[0] else { return false }
            payers.append((customer, words[1]))
        case "adjust" where words.count == 3:
            guard let item = numbers[1], let minor = numbers[2] else { return false }
            adjustments.append((words[0], item, minor))
        case "limit" where words.count == 3 && limits[words[0]] == nil:
            guard let minor = numbers[1], let share = numbers[2] else { return false }
            limits[words[0]] = (minor, share)
        case "withholding" where words.count >= 2 && withholding == nil:
            let rates = numbers.dropFirst().compactMap { $0 }
            guard rates.count == words.count - 1 else { return false }
            withholding = (words[0], rates)
        case "signal" where words.count >= 2:
            guard let points = numbers[0] else { return false }
            signals.append((points, words[1...].joined(separator: " ")))
        default: return takeNumbers(fact, numbers)
        }
        return true
    }

    private static let largest: UInt64 = 1_000_000_000_000_000
    /// Choices that a proof of uniqueness may have gone through.
    private static let mostConsidered: Int64 = 10_000_000

    private mutating func takeNumbers(_ fact: String, _ words: [Int64?]) -> Bool {
        let numbers = words.compactMap { $0 }
        guard numbers.count == words.count, let first = numbers.first else { return false }
        switch (fact, numbers.count) {
        case ("customer", 1): customer = first
        case ("member", 2): members[first] = numbers[1]
        case ("open", 2): opens[first] = numbers[1]
        case ("base", 2): bases[first] = numbers[1]
        case ("line", 2): lines.append((first, numbers[1]))
        case ("rest", 1): restMinor = first
        case ("margin", 1): margin = Int(first)
        case ("next", 1...): (nextScore, nextItemIDs) = (Int(first), Array(numbers.dropFirst()))
        case ("unique", 3...) where (1...Int64(numbers.count - 2)).contains(first) && numbers[1] <= Self.mostConsidered:
            uniqueness = Uniqueness(size: Int(first), considered: numbers[1], itemIDs: Array(numbers[2...]))
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
        found += adviceContradictions + toleranceFaults
        if (rule == "payer_habit") != (habit != nil) { found.append("a habit is stated where none decided, or the other way round") }
        if let habit, !habit.isProven {
            found.append(
                "\(habit.name): \(habit.confirmations) right and \(habit.contradictions) wrong do not prove \(habit.floor) per mille")
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

    /// An advice that states amounts is applied as stated: line by line what is paid, and to each item only that and the discount it earned.
    private var adviceContradictions: [String] {
        let links = linked.map(\.advice)
        if !links.isEmpty, Set(links) != Set(advised.map(\.advice)) || Set(links).count != links.count {
            return ["the advice that is linked is not the one whose lines are stated"]
        }
        guard rule == "remittance_advice" else { return [] }
        guard !advised.isEmpty else { return ["it rests on an advice of which it states no line"] }
        var paid: [Int64: Int64] = [:]
        for one in advised { paid[one.itemID, default: 0] += one.paidMinor ?? opens[one.itemID] ?? 0 }
        var found: [String] = []
        for line in lines {
            let discount = adjustments.filter { $0.itemID == line.itemID && $0.kind == "discount" }.reduce(0) { $0 + $1.minor }
            if paid[line.itemID, default: 0] + discount != line.minor {
                found.append("item \(line.itemID): the advice pays \(paid[line.itemID, default: 0]), settled are \(line.minor)")
            }
        }
        if paid.values.reduce(0, +) != cashMinor { found.append("the advice's lines do not add up to the cash \(cashMinor)") }
        if Set(advised.map { "\($0.advice) \($0.line)" }).count != advised.count { found.append("a line of the advice is used twice") }
        return found
    }
}
