"""What airs where and when: slots, bookings, the planner and its playlists. Pure of processes and clocks."""
