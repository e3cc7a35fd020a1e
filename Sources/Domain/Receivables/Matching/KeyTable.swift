/// Lists of positions by 64-bit key over flat arrays: a miss costs one cache line of heads, an entry eight bytes
/// and its key twelve.
package struct KeyTable: Sendable {
    private struct Link {
        let value: Int32
        let next: Int32
    }
    private var keys: [UInt64]
    /// The newest link of a key's list; -1 where the slot is free.
    private var heads: [Int32]
    private var links: [Link] = []
    private var count = 0
    private var mask: Int

    package init(capacity: Int = 16) {
        var size = 16
        while size * 2 < capacity * 3 { size *= 2 }
        keys = [UInt64](repeating: 0, count: size)
        heads = [Int32](repeating: -1, count: size)
        mask = size - 1
    }

    package mutating func insert(_ value: Int32, for key: UInt64) {
        if count * 3 >= keys.count * 2 { grow() }
        let slot = slot(of: key)
        if heads[slot] < 0 {
            keys[slot] = key
            count += 1
        }
        links.append(Link(value: value, next: heads[slot]))
        heads[slot] = Int32(links.count - 1)
    }

    /// Newest first; a value that was inserted twice comes twice.
    @inline(__always) package func forEach(_ key: UInt64, _ body: (Int32) -> Void) {
        var at = heads[slot(of: key)]
        while at >= 0 {
            let link = links[Int(at)]
            body(link.value)
            at = link.next
        }
    }

    @inline(__always) package func contains(_ key: UInt64, where isWanted: (Int32) -> Bool) -> Bool {
        var at = heads[slot(of: key)]
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

    package func contains(_ key: UInt64) -> Bool { heads[slot(of: key)] >= 0 }

    @inline(__always) private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: key ^ key >> 32) & mask
        while heads[slot] >= 0, keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let (oldKeys, oldHeads) = (keys, heads)
        keys = [UInt64](repeating: 0, count: oldKeys.count * 2)
        heads = [Int32](repeating: -1, count: oldKeys.count * 2)
        mask = keys.count - 1
        for (key, head) in zip(oldKeys, oldHeads) where head >= 0 {
            let slot = slot(of: key)
            (keys[slot], heads[slot]) = (key, head)
        }
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
