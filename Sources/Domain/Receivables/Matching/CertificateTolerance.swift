extension CertificateReader {
    /// What the certificate says of a difference against the limits it states: one kind alone explains what is missing, within its limit,
    /// on documents that are settled whole.
    ///
    /// Written from the certificate's words, without the engine's limits.
    var toleranceFaults: [String] {
        guard rule == "reference_tolerance" else {
            return limits.isEmpty && withholding == nil && bases.isEmpty ? [] : ["limits are stated that its rule \(rule) does not use"]
        }
        guard let kind = adjustments.first?.kind, adjustments.allSatisfy({ $0.kind == kind }) else {
            return ["its rule is one difference, and it states \(adjustments.isEmpty ? "none" : "several kinds")"]
        }
        var found: [String] = []
        if restMinor != 0 || lines.contains(where: { opens[$0.itemID] != $0.minor || $0.minor <= 0 }) {
            found.append("a difference within a limit settles documents whole and leaves nothing")
        }
        // Before limits were stated, rounding and charges were the only kinds.
        if limits.isEmpty, withholding == nil {
            return found + (["rounding", "bank_charge"].contains(kind) ? [] : ["a difference of kind \(kind) has no limit"])
        }
        let kinds = explanations
        if kinds != [kind] {
            found.append("by its limits the difference is \(kinds.isEmpty ? "none" : kinds.joined(separator: " or ")), booked as \(kind)")
        }
        if !Set(bases.keys).isSubset(of: lines.map(\.itemID)) { found.append("tax is withheld of an item that is not settled") }
        return found
    }

    /// The kinds that make up the difference, each rate of tax by itself.
    private var explanations: [String] {
        let total = lines.reduce(Int128(0)) { $0 + Int128($1.minor) }, missing = total - Int128(cashMinor)
        var kinds = ["bank_charge", "rounding", "short_payment"].filter { kind in
            guard let limit = limits[kind] else { return false }
            return missing <= Int128(limit.minor) && missing * 10_000 <= total * Int128(limit.share)
        }
        if kinds.contains("rounding") { kinds = ["rounding"] }
        guard let withholding, bases.count == lines.count else { return kinds }
        for rate in withholding.rates {
            // Half a unit is rounded up.
            let shares = bases.mapValues { (Int128($0) * Int128(rate) + 5_000) / 10_000 }
            let whole = (bases.values.reduce(Int128(0)) { $0 + Int128($1) } * Int128(rate) + 5_000) / 10_000
            guard shares.values.reduce(0, +) == missing || whole == missing else { continue }
            kinds.append("withholding")
        }
        return kinds
    }
}
