import Crypto
import Domain

/// Gives the entries of one account their keys, in the order of a file.
///
/// Equal entries are told apart by their place: among those of their statement, behind those of the statements that it follows.
package struct EntryKeys: Sendable {
    private let account: String
    /// Equal entries told by the statements that this one follows, by digest, with the day on which they are booked.
    private var before: [String: (count: Int, bookedOn: Day)] = [:]
    private var own: [String: (count: Int, bookedOn: Day)] = [:]

    package init(account: String) { self.account = account }

    /// Goes on with a statement that follows the last one: what that one told are other entries.
    ///
    /// - Parameter day: The first day on which the statement books an entry; nil when it books none.
    package mutating func follow(from day: Day?) {
        for (digest, told) in own { before[digest] = ((before[digest]?.count ?? 0) + told.count, told.bookedOn) }
        own = [:]
        if let day { before = before.filter { $0.value.bookedOn >= day } }
    }

    /// What equal entries of the account have in common: 30 hexadecimal digits.
    package func digest(_ entry: BankEntry) -> String {
        let wording = entry.wording ?? entry.transactions.first.map { BankEntry.Wording($0) }
        let amount = entry.wordedCurrency.map { Money(minor: entry.amount.minor, $0) } ?? entry.amount
        let money = [account, entry.bookedOn.iso8601, amount.decimal, amount.currency.code]
        // The bank's reference says it all: a notification may tell more of the same entry than the statement does.
        let said =
            entry.reference.map { money + [$0] }
            ?? money + [
                entry.valueOn.iso8601, entry.isReversal ? "1" : "0", wording?.endToEndID ?? "", wording?.remittance ?? "",
                // Not every file of the same bank tells the bank of a number.
                wording?.counterpartyNumber?.split(separator: "/").last.map(String.init) ?? "",
            ]
        return hexadecimal(SHA256.hash(data: Array(said.joined(separator: "\u{1F}").utf8)).prefix(15))
    }

    /// - Parameter others: How many equal entries of other statements than those followed are known, by digest.
    package mutating func key(_ entry: BankEntry, others: [String: Int] = [:]) -> KeyedEntry {
        let digest = digest(entry)
        // What is not booked yet takes no place among equals: the booked one is the first.
        if entry.status == .booked { own[digest] = ((own[digest]?.count ?? 0) + 1, entry.bookedOn) }
        let place = (before[digest]?.count ?? 0) + (others[digest] ?? 0) + (own[digest]?.count ?? 1)
        return KeyedEntry(entry: entry, key: entryKey(digest, place))
    }
}

/// - Parameter place: From 1.
func entryKey(_ digest: String, _ place: Int) -> String { place == 1 ? digest : "\(digest)-\(place)" }
