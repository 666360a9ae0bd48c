;; The part of CRC-32C that costs time: it folds a message of any length into 209 blocks of 16 bytes.
;;
;; A CRC is the remainder of the message, read as a polynomial over GF(2), by the Castagnoli
;; polynomial P. That remainder does not change when the message is first divided by a multiple of
;; P. A multiple with six terms, all powers of X = x^128, makes that division a matter of five
;; exclusive ors per block of 16 bytes, where no block waits for its neighbour:
;;
;;   Q(X) = X^209 + X^144 + X^54 + X^39 + X^14 + 1
;;
;; x^209 + x^144 + x^54 + x^39 + x^14 + 1 is a multiple of P (no other with six terms has a lower
;; degree), and so is Q: squaring a polynomial over GF(2) doubles its exponents, and seven squarings
;; are the power of 128.
;;
;; Block k of the quotient is block k of the message, plus the quotient's blocks k - 65, k - 155,
;; k - 170, k - 195 and k - 209: 209 less each of the other exponents. The last 209 blocks of the
;; quotient are all that the rest of the message needs; crc32c.ts makes the remainder of them.
;;
;; After a change here: npm run wasm
(module
  ;; 64 KiB. What lies where in it is the caller's choice.
  (memory (export "memory") 1)

  ;; Divides the bytes from $input up to $end, a multiple of 64 of them. At $quotient are the last
  ;; 209 blocks of the quotient so far (zeros at first); the new blocks are written behind them.
  (func (export "fold") (param $input i32) (param $quotient i32) (param $end i32)
    (loop $next
      ;; Four blocks a turn: the shortest lag is 65, so none of the four needs another.
      (v128.store offset=3344 (local.get $quotient)
        (v128.xor
          (v128.xor
            (v128.xor (v128.load offset=0 (local.get $input)) (v128.load offset=2304 (local.get $quotient)))
            (v128.xor (v128.load offset=864 (local.get $quotient)) (v128.load offset=624 (local.get $quotient))))
          (v128.xor (v128.load offset=224 (local.get $quotient)) (v128.load offset=0 (local.get $quotient)))))
      (v128.store offset=3360 (local.get $quotient)
        (v128.xor
          (v128.xor
            (v128.xor (v128.load offset=16 (local.get $input)) (v128.load offset=2320 (local.get $quotient)))
            (v128.xor (v128.load offset=880 (local.get $quotient)) (v128.load offset=640 (local.get $quotient))))
          (v128.xor (v128.load offset=240 (local.get $quotient)) (v128.load offset=16 (local.get $quotient)))))
      (v128.store offset=3376 (local.get $quotient)
        (v128.xor
          (v128.xor
            (v128.xor (v128.load offset=32 (local.get $input)) (v128.load offset=2336 (local.get $quotient)))
            (v128.xor (v128.load offset=896 (local.get $quotient)) (v128.load offset=656 (local.get $quotient))))
          (v128.xor (v128.load offset=256 (local.get $quotient)) (v128.load offset=32 (local.get $quotient)))))
      (v128.store offset=3392 (local.get $quotient)
        (v128.xor
          (v128.xor
            (v128.xor (v128.load offset=48 (local.get $input)) (v128.load offset=2352 (local.get $quotient)))
            (v128.xor (v128.load offset=912 (local.get $quotient)) (v128.load offset=672 (local.get $quotient))))
          (v128.xor (v128.load offset=272 (local.get $quotient)) (v128.load offset=48 (local.get $quotient)))))
      (local.set $quotient (i32.add (local.get $quotient) (i32.const 64)))
      (local.set $input (i32.add (local.get $input) (i32.const 64)))
      (br_if $next (i32.lt_u (local.get $input) (local.get $end))))))
