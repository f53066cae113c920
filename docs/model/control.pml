/*
 * The control protocol as a Promela model: one gateway, two nodes, any network. README.md says what is modelled, what is
 * left out, and how to check it.
 *
 * A network that loses, doubles, delays and reorders is a set of everything that was ever sent: any element may arrive at
 * any time, any number of times, or never. That includes partitions in either direction, and replays. The set is kept as bit
 * masks over epochs.
 *
 * Select one property:
 *   -DHEARD     (a) one node is heard under one epoch, and none after one of a later epoch
 *   -DEPOCH     (b) epochs never go back, and one epoch gives a node one role
 *   -DRECOVERY  (c) after a single failure exactly one node is active, and the fence names it
 * and, to see it fail, one mutation:
 *   -DBREAK_FENCE -DBREAK_COMMIT (a), -DBREAK_STORE (a, b), -DBREAK_RESUME -DBREAK_OBEDIENCE (b),
 *   -DBREAK_DETECTION -DBREAK_REJOIN (c)
 */

#ifdef RECOVERY
#define MAX_EPOCH 15	/* never reached: it would be a state in which nothing can happen, which is an error */
#define FAULTS 1
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#define PLANS 1
#endif
#endif
#endif
#endif
#endif
#endif
#endif
#endif
#endif
#endif
#else
#ifndef MAX_EPOCH
#define MAX_EPOCH 4
#endif
#ifndef FAULTS
#define FAULTS 1
#endif
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#ifndef PLANS
#define PLANS 1
#endif
#endif
#endif
#endif
#endif
#endif
#endif
#endif
#endif
#endif
#endif
#define RESERVE 2	/* epochs that are reserved at once */
#define NOBODY 2
#define BIT(e) (1 << (e))
#define OTHER(n) (1 - (n))

/* The gateway's kernel: the word that decides. It outlives the process, not the machine. */
byte fence_epoch, fence_node = NOBODY;
bool forwarding = true;

/* The gateway's store. */
byte ceiling = RESERVE;

/* The gateway's process. */
bool running = true;
byte epoch_in_force, holder = NOBODY;
byte prepared_epoch, prepared_node = NOBODY;
byte highest;
bool member[2];			/* gets copies, or holds the service */
int heard_active[2], heard_replica[2];

/* The nodes: agent, and the state that the kernel's programs read. */
bool up[2] = true;
bool stays_down[2];
bool speaks[2];
bool lease[2];
bool prepared[2];
byte epoch[2];

/* The network: what was ever sent, one bit for each epoch. */
int order_active[2], order_prepared[2], order_replica[2];
int said_active[2], said_replica[2];

/* What happened. */
byte faults, plans;
byte highest_fence;
byte segment_node = NOBODY;

#ifdef BREAK_FENCE
#define PASSES(n) (forwarding && fence_node != NOBODY)
#else
#define PASSES(n) (forwarding && fence_node == (n))
#endif
#ifdef RECOVERY
#define VOICE(n) (speaks[n] && lease[n])
#define GRANT(n, value) lease[n] = value
#else
/* As if no lease ever ended: what holds then holds with leases, too. */
#define VOICE(n) speaks[n]
#define GRANT(n, value) skip
#endif

#ifdef EPOCH
#define CHECK_EPOCH(condition) assert(condition)
#else
#define CHECK_EPOCH(condition) skip
#endif

#ifdef RECOVERY
#define FORGET_HEARTBEATS skip
#else
/* What is not above the epoch in force changes nothing when it arrives again: left out, for fewer states. */
#define KEEP(set) set = set & ~((1 << (epoch_in_force + 1)) - 1)
#define FORGET_HEARTBEATS KEEP(said_active[0]); KEEP(said_active[1]); KEEP(said_replica[0]); KEEP(said_replica[1])
#endif

/* The next epoch; it is reserved in the store before it is used. */
inline allocate()
{
	highest = (highest > epoch_in_force -> highest : epoch_in_force) + 1;
	if
	:: highest > ceiling -> ceiling = highest + RESERVE - 1
	:: else
	fi
}

#define NOTE_FENCE \
	if \
	:: epoch_in_force > highest_fence -> highest_fence = epoch_in_force; segment_node = NOBODY \
	:: else \
	fi

/* One store to the word. */
inline turn(node)
{
	epoch_in_force = highest;
	holder = node;
	prepared_epoch = 0;
	prepared_node = NOBODY;
	CHECK_EPOCH(epoch_in_force > highest_fence);
	NOTE_FENCE;
	fence_epoch = epoch_in_force;
	fence_node = node;
	FORGET_HEARTBEATS
}

inline change(node)
{
	allocate();
	turn(node)
}

/* Takes one element of a set of epochs above `least`; there is one. */
inline choose(set, least)
{
	e = least + 1;
	do
	:: (set) & BIT(e) -> break
	:: ((set) >> (e + 1)) -> e++
	od
}

#ifdef RECOVERY
#define SETTLE(n, is_active, is_prepared) prepared[n] = (is_active && (speaks[n] -> prepared[n] && is_prepared : is_prepared))
#define FORGET_ORDERS(n) skip
#define PREPARED_ORDERS(n) order_prepared[n]
#else
#define SETTLE(n, is_active, is_prepared) skip
/* A node that cannot restart any more obeys no order below its epoch: left out, for fewer states. */
#define LOWER(n) ((epoch[n] < epoch_in_force -> BIT(epoch[n]) : BIT(epoch_in_force)) - 1)
#define FORGET_ORDERS(n) \
	if \
	:: faults == FAULTS && up[n] -> order_active[n] = order_active[n] & ~LOWER(n); order_replica[n] = order_replica[n] & ~LOWER(n) \
	:: else \
	fi
/* Whether an order is prepared makes no difference to its voice. */
#define PREPARED_ORDERS(n) order_active[n]
#endif

/* Obedience: `is_active` and `is_prepared` are the order's. */
inline obey(n, is_active, is_prepared)
{
	CHECK_EPOCH(e >= epoch[n]);
	SETTLE(n, is_active, is_prepared);
	speaks[n] = is_active;
	epoch[n] = e;
	GRANT(n, is_active);
	FORGET_ORDERS(n)
}

/* The gateway takes in a heartbeat of node n in epoch e. */
inline hear(n, is_active)
{
	highest = (e > highest -> e : highest);
	if
	:: holder == NOBODY
	:: holder != NOBODY && prepared_node == n && prepared_epoch == e ->
		if
		:: is_active ->
			epoch_in_force = prepared_epoch;
			CHECK_EPOCH(epoch_in_force > highest_fence);
			NOTE_FENCE;
			holder = n;
			prepared_epoch = 0;
			prepared_node = NOBODY;
			fence_epoch = epoch_in_force;
			fence_node = n;
			FORGET_HEARTBEATS
		:: else
		fi
	:: holder != NOBODY && !(prepared_node == n && prepared_epoch == e) ->
		if
		:: e > epoch_in_force -> change(holder)
		:: else
		fi
	fi
}

#define ROOM (highest + 1 <= MAX_EPOCH)
#define WHOLE (running && holder != NOBODY && prepared_epoch == 0 && fence_node == holder && fence_epoch == epoch_in_force \
	&& up[holder] && speaks[holder] && lease[holder] && epoch[holder] == epoch_in_force && !VOICE(OTHER(holder)) \
	&& (!up[OTHER(holder)] || (!speaks[OTHER(holder)] && epoch[OTHER(holder)] == epoch_in_force && member[OTHER(holder)])))

/* What node n, or the gateway with regard to node n, may do next. */
#define OF_NODE(n) \
	/* the gateway orders; orders are repeated for ever, so that one that is lost does not count */ \
	:: atomic { running && holder != NOBODY && prepared_node == n && !(PREPARED_ORDERS(n) & BIT(prepared_epoch)) -> \
		CHECK_EPOCH(!(order_replica[n] & BIT(prepared_epoch))); \
		PREPARED_ORDERS(n) = PREPARED_ORDERS(n) | BIT(prepared_epoch) } \
	:: atomic { running && holder == n && prepared_node != n && !(order_active[n] & BIT(epoch_in_force)) -> \
		CHECK_EPOCH(!(order_replica[n] & BIT(epoch_in_force))); \
		order_active[n] = order_active[n] | BIT(epoch_in_force) } \
	:: atomic { running && holder == OTHER(n) && prepared_node != n && !(order_replica[n] & BIT(epoch_in_force)) -> \
		CHECK_EPOCH(!((order_active[n] | order_prepared[n]) & BIT(epoch_in_force))); \
		order_replica[n] = order_replica[n] | BIT(epoch_in_force) } \
	/* the node obeys a later epoch, or settles */ \
	:: atomic { up[n] && (order_active[n] >> (epoch[n] + 1)) -> choose(order_active[n], epoch[n]); obey(n, true, false); e = 0 } \
	:: atomic { up[n] && (order_prepared[n] >> (epoch[n] + 1)) -> choose(order_prepared[n], epoch[n]); obey(n, true, true); e = 0 } \
	:: atomic { up[n] && (order_replica[n] >> (epoch[n] + 1)) -> choose(order_replica[n], epoch[n]); obey(n, false, false); e = 0 } \
	OLDER_ORDERS(n) \
	:: atomic { up[n] && speaks[n] && prepared[n] && (order_active[n] & BIT(epoch[n])) -> prepared[n] = false } \
	/* its heartbeats, and what the gateway makes of them; the replay guard lets each pass once */ \
	:: atomic { up[n] && speaks[n] && NEWS(n) && !(said_active[n] & BIT(epoch[n])) -> said_active[n] = said_active[n] | BIT(epoch[n]) } \
	:: atomic { up[n] && !speaks[n] && NEWS(n) && !(said_replica[n] & BIT(epoch[n])) -> said_replica[n] = said_replica[n] | BIT(epoch[n]) } \
	HEARING(n) \
	/* the start: whoever was heard */ \
	:: atomic { running && ROOM && holder == NOBODY && IS_HEARD(n) -> \
		ADOPT(n); change(n) } \
	/* the gateway's other decisions about a holder n, and a replica n */ \
	DECISIONS(n) \
	/* a planned switchover to n */ \
	:: atomic { running && ROOM && holder == OTHER(n) && IS_MEMBER(n) && prepared_epoch == 0 && plans < PLANS && up[n] -> \
		plans++; allocate(); PREPARE(n) } \
	:: atomic { running && ROOM && prepared_node == n -> change(holder) } \
	/* an agent crashes, alone or with its machine; it starts again, or does not */ \
	:: atomic { up[n] && faults < FAULTS -> faults++; up[n] = false; FORGET_ORDERS(OTHER(n)); \
		if :: speaks[n] = false; lease[n] = false :: skip fi; \
		MAY_STAY_DOWN(n) } \
	:: atomic { !up[n] && !stays_down[n] -> \
		up[n] = true; speaks[n] = false; lease[n] = false; prepared[n] = false; epoch[n] = 0; FORGET_ORDERS(n) } \
	/* leases */ \
	:: atomic { lease[n] && EXPIRES(n) -> lease[n] = false } \
	:: atomic { RENEWS && running && up[n] && speaks[n] && !lease[n] && ((order_active[n] | order_prepared[n]) & BIT(epoch[n])) -> lease[n] = true } \
	SEGMENT(n)

#ifdef RECOVERY
#define MAY_STAY_DOWN(n) if :: stays_down[n] = true :: skip fi
#else
#define MAY_STAY_DOWN(n) skip
#endif

#ifdef BREAK_OBEDIENCE
#define OLDER_ORDERS(n) \
	:: atomic { up[n] && (order_active[n] & (BIT(epoch[n]) - 1)) -> choose(order_active[n], 0); obey(n, true, false); e = 0 }
#else
#define OLDER_ORDERS(n)
#endif

#ifdef BREAK_COMMIT
/* The gateway turns to a node that it has only prepared, under an epoch that it orders to nobody. */
#define PREPARE(n) prepared_node = n; prepared_epoch = highest; fence_node = n
#else
#define PREPARE(n) prepared_node = n; prepared_epoch = highest
#endif

#ifdef RECOVERY
/* Each heartbeat counts once, until the gateway restarts. */
#define HEARING(n) \
	:: atomic { running && ROOM && (said_active[n] & ~heard_active[n]) -> \
		choose((said_active[n] & ~heard_active[n]), 0); heard_active[n] = heard_active[n] | BIT(e); hear(n, true); e = 0 } \
	:: atomic { running && ROOM && ((said_replica[n] & ~heard_replica[n]) >> 1) -> \
		choose((said_replica[n] & ~heard_replica[n]), 0); heard_replica[n] = heard_replica[n] | BIT(e); hear(n, false); e = 0 } \
	:: atomic { running && (said_replica[n] & ~heard_replica[n] & 1) -> heard_replica[n] = heard_replica[n] | 1 }
#define NEWS(n) true
#define IS_HEARD(n) ((heard_active[n] | heard_replica[n]) != 0)
#define IS_MEMBER(n) member[n]
#define ADOPT(n) member[n] = true; member[OTHER(n)] = IS_HEARD(OTHER(n))
#define DECISIONS(n) \
	:: atomic { running && ROOM && holder == n && member[OTHER(n)] && SUSPECTED(n) -> member[n] = false; change(OTHER(n)) } \
	:: atomic { running && ROOM && holder == OTHER(n) && member[n] && !up[n] -> member[n] = false; change(OTHER(n)) } \
	:: atomic { running && ROOM && holder == OTHER(n) && !member[n] && prepared_epoch == 0 && REJOINS(n) -> member[n] = true; change(OTHER(n)) }
#ifdef BREAK_DETECTION
#define SUSPECTED(n) false
#else
#define SUSPECTED(n) up[OTHER(n)] && (!up[n] || faults < FAULTS) -> faults = FAULTS
#endif
#ifdef BREAK_REJOIN
#define REJOINS(n) false
#else
#define REJOINS(n) up[n]
#endif
#define EXPIRES(n) (!up[n] || !running)
#define RENEWS true
#else
/* Each heartbeat may be replayed for ever; those that change nothing are left out. */
#define HEARING(n) \
	:: atomic { running && ROOM && prepared_node == n && (said_active[n] & BIT(prepared_epoch)) -> e = prepared_epoch; hear(n, true); e = 0 } \
	:: atomic { running && ROOM && ((said_active[n] | said_replica[n]) >> (epoch_in_force + 1)) -> \
		choose((said_active[n] | said_replica[n]), epoch_in_force); hear(n, false); e = 0 }
#define IS_HEARD(n) true
#define NEWS(n) (epoch[n] > epoch_in_force)
/* Whoever replicates: a failover, and an epoch for its own sake, may come at any time. */
#define IS_MEMBER(n) true
#define ADOPT(n) skip
#define DECISIONS(n) \
	:: atomic { running && ROOM && holder == n -> change(OTHER(n)) } \
	:: atomic { running && ROOM && holder == n -> change(n) }
#define EXPIRES(n) false
#define RENEWS false
#endif

#ifdef HEARD
/* Who was heard under the highest epoch of the fence: nobody else may be, and nobody under a lower one. */
#define SEGMENT(n) \
	:: atomic { VOICE(n) && PASSES(n) && !(fence_epoch == highest_fence && segment_node == n) -> \
		assert(fence_epoch == highest_fence && segment_node == NOBODY); \
		segment_node = n }
#else
#define SEGMENT(n)
#endif

init
{
	byte e = 0;

#ifdef RECOVERY
	/* The service is whole: node 0 holds it in epoch 1. */
	atomic {
		highest = 1; epoch_in_force = 1; holder = 0; fence_epoch = 1; fence_node = 0; highest_fence = 1;
		member[0] = true; member[1] = true; epoch[0] = 1; epoch[1] = 1; speaks[0] = true; lease[0] = true;
		order_active[0] = BIT(1); order_replica[1] = BIT(1); said_active[0] = BIT(1); said_replica[1] = BIT(1);
		heard_active[0] = BIT(1); heard_replica[1] = BIT(1)
	}
#endif
	do
	OF_NODE(0)
	OF_NODE(1)
	/* The gateway's process crashes, alone or with its machine. */
	:: atomic { running && faults < FAULTS -> faults++; running = false; FORGET_ORDERS(0); FORGET_ORDERS(1);
		if :: forwarding = false :: skip fi;
		epoch_in_force = 0; holder = NOBODY; prepared_epoch = 0; prepared_node = NOBODY; highest = 0;
		heard_active[0] = 0; heard_active[1] = 0; heard_replica[0] = 0; heard_replica[1] = 0 }
	/* It starts with the programs that stayed, under an epoch that nobody was prepared for. */
	:: atomic { !running && forwarding && fence_node != NOBODY && fence_epoch + 2 <= MAX_EPOCH ->
		running = true;
#ifdef BREAK_RESUME
		highest = fence_epoch; epoch_in_force = fence_epoch; holder = fence_node
#else
		highest = fence_epoch + 2;
		ceiling = (highest > ceiling -> highest : ceiling);
		turn(fence_node)
#endif
		}
	/* Or without any, or with some that decide nothing yet: above every epoch that was reserved, and it reserves further ones. */
	:: atomic { !running && (!forwarding || fence_node == NOBODY) && ceiling + RESERVE <= MAX_EPOCH ->
		running = true; forwarding = true; fence_node = NOBODY; fence_epoch = 0; member[0] = false; member[1] = false;
#ifndef BREAK_STORE
		highest = ceiling; ceiling = ceiling + RESERVE
#endif
		}
#ifdef RECOVERY
	/* Nothing more can happen: it has come to rest. */
	:: else -> assert(WHOLE); break
#else
	:: else -> break
#endif
	od
}
