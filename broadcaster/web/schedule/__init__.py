"""Pages of the schedule: week, slots, bookings, programme, feeds."""
