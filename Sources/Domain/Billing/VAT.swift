/// How a supply is taxed: category and rate together (EN 16931-1 BT-151, BT-152).
package struct VATTreatment: Hashable, Sendable {
    /// UNCL 5305, as EN 16931-1 restricts it.
    package enum Category: String, CaseIterable, Sendable { case standard = "S", reverseCharge = "AE", export = "G" }

    package let category: Category
    /// Hundredths of a per cent.
    package let basisPoints: Int64
    package init(_ category: Category, basisPoints: Int64) { (self.category, self.basisPoints) = (category, basisPoints) }
}

/// The treatment of goods sold between businesses.
///
/// - Parameters:
///   - seller, buyer: ISO 3166-1 alpha-2. An unknown buyer's country (`ZZ`) is taxed as the seller's own.
///   - on: The tax point; it decides who belonged to the Union.
/// - Returns: nil when the seller's standard rate is not known.
/// - Source: Directive 2006/112/EC, articles 97, 138, 146; the reverse charge takes the buyer for a business.
package func vatTreatment(seller: String, buyer: String, on day: Day) -> VATTreatment? {
    guard let rate = standardRates[seller] else { return nil }
    if buyer == seller || buyer == "ZZ" || (seller == "GB" && buyer == "IM") { return VATTreatment(.standard, basisPoints: rate) }
    return isInUnion(seller, day) && isInUnion(buyer, day)
        ? VATTreatment(.reverseCharge, basisPoints: 0) : VATTreatment(.export, basisPoints: 0)
}

private func isInUnion(_ country: String, _ day: Day) -> Bool {
    switch country {
    case "GB": day.iso8601 < "2021-01-01"
    case "HR": day.iso8601 >= "2013-07-01"
    case "EU": true
    default: unionMembers.contains(country)
    }
}

private let unionMembers: Set<String> = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT",
    "RO", "SE", "SI", "SK",
]

private let standardRates: [String: Int64] = [
    "AT": 2000, "BE": 2100, "BG": 2000, "CH": 810, "CY": 1900, "CZ": 2100, "DE": 1900, "DK": 2500, "EE": 2400, "ES": 2100, "FI": 2550,
    "FR": 2000, "GB": 2000, "GR": 2400, "HR": 2500, "HU": 2700, "IE": 2300, "IT": 2200, "LT": 2100, "LU": 1700, "LV": 2100, "MT": 1800,
    "NL": 2100, "NO": 2500, "PL": 2300, "PT": 2300, "RO": 2100, "SE": 2500, "SI": 2200, "SK": 2300,
]
