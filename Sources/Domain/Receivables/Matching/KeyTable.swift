/// Lists of positions by 64-bit key over flat arrays: a miss costs one cache line, an entry eight bytes beside its key's sixteen.
package struct KeyTable: Sendable {
    private struct Slot {
        var key: UInt64 = 0
        /// The newest link of the key's list; -1 where the slot is free.
        var head: Int32 = -1
    }
    private struct Link {
        let value: Int32
        let next: Int32
    }
    private var slots: [Slot]
    private var links: [Link] = []
    private var count = 0
    private var mask: Int

    package init(capacity: Int = 16) {
        var size = 16
        while size * 2 < capacity * 3 { size *= 2 }
        slots = [Slot](repeating: Slot(), count: size)
        mask = size - 1
    }

    package mutating func insert(_ value: Int32, for key: UInt64) {
        if count * 3 >= slots.count * 2 { grow() }
        let at = slot(of: key), head = slots[at].head
        if head < 0 { count += 1 }
        links.append(Link(value: value, next: head))
        slots[at] = Slot(key: key, head: Int32(links.count - 1))
    }

    /// Newest first; a value that was inserted twice comes twice.
    @inline(__always) package func forEach(_ key: UInt64, _ body: (Int32) -> Void) {
        var at = slots[slot(of: key)].head
        while at >= 0 {
            let link = links[Int(at)]
            body(link.value)
            at = link.next
        }
    }

    @inline(__always) package func contains(_ key: UInt64, where isWanted: (Int32) -> Bool) -> Bool {
        var at = slots[slot(of: key)].head
        while at >= 0 {
            let link = links[Int(at)]
            if isWanted(link.value) { return true }
            at = link.next
        }
        return false
    }

    /// Newest first; nil when there are more than `limit`.
    package func values(_ key: UInt64, atMost limit: Int) -> [Int32]? {
        guard !hasMore(than: limit, for: key) else { return nil }
        var found: [Int32] = []
        forEach(key) { found.append($0) }
        return found
    }

    /// Whether a key has more than `limit` values.
    package func hasMore(than limit: Int, for key: UInt64) -> Bool {
        var left = limit
        return contains(key) { _ in
            left -= 1
            return left < 0
        }
    }

    package func contains(_ key: UInt64) -> Bool { slots[slot(of: key)].head >= 0 }

    @inline(__always) private func slot(of key: UInt64) -> Int {
        var at = Int(truncatingIfNeeded: key ^ key >> 32) & mask
        while slots[at].head >= 0, slots[at].key != key { at = (at + 1) & mask }
        return at
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        mask = slots.count - 1
        for one in old where one.head >= 0 { slots[slot(of: one.key)] = one }
    }
}

/// FNV-1a with a final mix, over bytes that may come in parts.
package struct KeyHash: Sendable {
    package private(set) var state: UInt64
    package init(_ space: UInt8) { state = (0xcbf2_9ce4_8422_2325 ^ UInt64(space)) &* 0x100_0000_01b3 }
    @inline(__always) package mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    @inline(__always) package mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(byte) } }
    @inline(__always) package mutating func add(_ number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }
    package var key: UInt64 {
        var mixed = state
        mixed = (mixed ^ (mixed >> 32)) &* 0xd6e8_feb8_6659_fd93
        return mixed ^ (mixed >> 32)
    }
}
